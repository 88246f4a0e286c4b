import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuiltClient } from "./built-client";
import { FakeServices } from "./fake-services";

/** The built client, and for each test services and a folder of their own. */
export interface ClientFixture {
  readonly client: BuiltClient;
  readonly services: FakeServices;
  /** Removed after the test. */
  readonly home: string;
}

/** Called at the top of a test's file. */
export function clientFixture(): ClientFixture {
  const client = new BuiltClient();
  const fixture = { client, services: new FakeServices(), home: "" };
  beforeAll(() => client.build());
  afterAll(() => client.remove());
  beforeEach(async () => {
    fixture.services = await new FakeServices().start();
    fixture.home = mkdtempSync(join(tmpdir(), "oidc-s3-home-"));
  });
  afterEach(async () => {
    await fixture.services.stop();
    rmSync(fixture.home, { recursive: true, force: true });
  });
  return fixture;
}
