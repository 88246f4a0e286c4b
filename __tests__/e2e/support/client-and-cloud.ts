import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { writeSettingsFiles } from "../../../sandbox/acceptance/settings-files";
import { type Cloud, startCloud } from "../../../sandbox/cloud/cloud";
import { BuiltClient, type Ended } from "../../client/support/built-client";

/** The client as its users have it, the deployed layers with a settings file for each server, and a look at the store. */
export class ClientAndCloud {
  private constructor(
    readonly client: BuiltClient,
    readonly cloud: Cloud,
    /** As the administrator. */
    readonly admin: S3Client,
    private readonly settingsFiles: ReadonlyMap<string, string>,
  ) {}

  static async start(): Promise<ClientAndCloud> {
    const client = await new BuiltClient().build();
    try {
      const cloud = await startCloud();
      const names = Object.keys(cloud.servers.server_configurations);
      const settings = Object.fromEntries(names.map((name) => [name, cloud.settingsOf(name)]));
      const files = await writeSettingsFiles(join(cloud.folder, "settings"), settings);
      return new ClientAndCloud(client, cloud, new S3Client({ ...cloud.clientConfig, forcePathStyle: true }), files);
    } catch (error) {
      await client.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.admin.destroy();
    await this.client.remove();
    await this.cloud.stop();
  }

  get bucket(): string {
    return this.cloud.foundation.bucket_name;
  }

  settingsFile(server: string): string {
    const file = this.settingsFiles.get(server);
    if (file === undefined) throw new Error(`there is no server ${server}`);
    return file;
  }

  /** The environment of a server's programs: no AWS keys in it. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      HOME: join(this.cloud.folder, "nobody"),
      XDG_CACHE_HOME: join(this.cloud.folder, "cache"),
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
    const path = join(this.cloud.folder, "transfers", name);
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

  /** The keys of uploads that were begun and are neither complete nor taken back. */
  async openUploads(): Promise<readonly string[]> {
    const { Uploads = [] } = await this.admin.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
    return Uploads.map(({ Key = "" }) => Key);
  }
}
