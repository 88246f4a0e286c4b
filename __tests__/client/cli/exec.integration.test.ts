import { join } from "node:path";
import { clientFixture } from "../support/client-fixture";

jest.setTimeout(30_000);

const fixture = clientFixture();
const { client } = fixture;

const run = (...args: string[]) =>
  client.run(["exec", ...args], {
    ...fixture.services.environment,
    XDG_CACHE_HOME: fixture.home,
    AWS_PROFILE: "other",
  });

it("gives the command credentials, and neither the client's secret nor a profile that would go before them", async () => {
  const { code, stdout } = await run("--", "env");
  expect(code).toBe(0);
  const lines = stdout.split("\n");
  for (const line of ["AWS_ACCESS_KEY_ID=ASIAFAKE0001", "AWS_SECRET_ACCESS_KEY=secret/key+1", "AWS_REGION=eu-west-1"])
    expect(lines).toContain(line);
  expect(stdout).not.toMatch(/s3cret|AWS_PROFILE/);
});

it("passes the command's options, exit code and end by a signal on", async () => {
  expect(await run("--", "sh", "-c", "exit 9", "--help")).toMatchObject({ code: 9 });
  expect(await run("--", "sh", "-c", "kill -TERM $$")).toMatchObject({ code: 143 });
  expect(await run("--", join(fixture.home, "none"))).toMatchObject({
    code: 6,
    stderr: expect.stringMatching(/ENOENT/),
  });
});
