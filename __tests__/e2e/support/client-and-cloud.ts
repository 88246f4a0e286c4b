import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { writeSettingsFiles } from "../../../sandbox/acceptance/welcome";
import { BuiltClient, type Ended } from "../../client/support/built-client";
import { type CloudConnection, connectToSharedCloud } from "./shared-cloud";

/**
 * The client as its users have it, the shared cloud with a settings file for each server, and a look at the store.
 * What it shows of the store is below the prefixes of these servers: other suites use others at the same time.
 */
export class ClientAndCloud {
  private constructor(
    readonly client: BuiltClient,
    readonly cloud: CloudConnection,
    /** As the administrator. */
    readonly admin: S3Client,
    readonly settingsFiles: ReadonlyMap<string, string>,
  ) {}

  /** @param servers that no other suite uses. */
  static async start(servers: readonly string[]): Promise<ClientAndCloud> {
    const client = await new BuiltClient().build();
    try {
      const cloud = await connectToSharedCloud();
      const settings = Object.fromEntries(servers.map((name) => [name, settingsIn(cloud, name)]));
      const files = await writeSettingsFiles(join(client.folder, "settings"), settings);
      return new ClientAndCloud(client, cloud, new S3Client({ ...cloud.clientConfig, forcePathStyle: true }), files);
    } catch (error) {
      await client.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.admin.destroy();
    await this.client.remove();
  }

  /** This suite's own, which it takes with it. */
  get home(): string {
    return this.client.folder;
  }

  get bucket(): string {
    return this.cloud.bucket;
  }

  settingsOf(server: string): Readonly<Record<string, string>> {
    return settingsIn(this.cloud, server);
  }

  settingsFile(server: string): string {
    const file = this.settingsFiles.get(server);
    if (file === undefined) throw new Error(`there is no server ${server}`);
    return file;
  }

  /** The environment of a server's programs: no AWS keys in it. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      HOME: join(this.home, "nobody"),
      XDG_CACHE_HOME: join(this.home, "cache"),
      AWS_ENDPOINT_URL: this.cloud.awsEndpoint,
      AWS_EC2_METADATA_DISABLED: "true",
      ...more,
    };
  }

  /** Runs a command of the client as a server. */
  run(server: string, ...args: string[]): Promise<Ended> {
    const [command = "", ...rest] = args;
    return this.client.run([command, "--config", this.settingsFile(server), ...rest], this.environment());
  }

  folder(name: string): string {
    const path = join(this.home, "transfers", name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  file(name: string, content: string | Buffer): string {
    const path = join(this.folder("sources"), name);
    writeFileSync(path, content);
    return path;
  }

  /** What is stored; undefined where nothing is. */
  async stored(key: string): Promise<Buffer | undefined> {
    try {
      const { Body } = await this.admin.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  async objectCount(): Promise<number> {
    const counts = this.prefixes().map(async (Prefix) => {
      const { KeyCount = 0 } = await this.admin.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix }));
      return KeyCount;
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** The keys of uploads that were begun and are neither complete nor aborted. */
  async openUploads(): Promise<readonly string[]> {
    const { Uploads = [] } = await this.admin.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
    const prefixes = this.prefixes();
    return Uploads.map(({ Key = "" }) => Key).filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  }

  private prefixes(): string[] {
    return [...this.settingsFiles.keys()].map((server) => this.settingsOf(server).S3_PATH_PREFIX ?? "");
  }
}

function settingsIn({ settings }: CloudConnection, server: string): Readonly<Record<string, string>> {
  const found = settings[server];
  if (found === undefined) throw new Error(`there is no server ${server}, only ${Object.keys(settings).join(", ")}`);
  return found;
}
