import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Scope, scopesOf } from "../../access/permission-level";
import { prefixesOverlap } from "../../access/prefix";
import type { ServerConfig } from "../../config/schema/types";
import type { ClientConfig } from "../process/administrator";
import { type Authority, awsRefusal, type CheckRow, type Verdict, verdictOf } from "./checks";

/** What the loop tries in the bucket, with the scope that each needs, in an order that leaves an object to read. */
export const OPERATIONS = ["put", "get", "list", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];
const SCOPE_OF: Readonly<Record<Operation, Scope>> = {
  put: "write",
  get: "read",
  list: "list",
  delete: "delete",
};

/** The name of the object that each trial uses. */
const NAME = "sandbox-check.txt";

export class BucketTrials {
  private readonly s3: S3Client;

  constructor(
    config: ClientConfig,
    private readonly bucket: string,
    private readonly by: Authority,
  ) {
    // When it enforces IAM, the emulator can only verify signatures of plain bodies.
    this.s3 = new S3Client({ ...config, requestChecksumCalculation: "WHEN_REQUIRED" });
  }

  /** Tries an operation under a prefix. */
  try(operation: Operation, prefix: string): Promise<Verdict> {
    return verdictOf(this.by, () => this.carryOut(operation, prefix), awsRefusal);
  }

  /** @throws the SDK's error where it is refused or fails. */
  async carryOut(operation: Operation, prefix: string): Promise<void> {
    const target = { Bucket: this.bucket, Key: `${prefix}${NAME}` };
    switch (operation) {
      case "put":
        await this.s3.send(new PutObjectCommand({ ...target, Body: "The sandbox checks who may do what." }));
        return;
      case "get":
        await (await this.s3.send(new GetObjectCommand(target))).Body?.transformToByteArray();
        return;
      case "list": {
        const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }));
        if (!Contents.some(({ Key }) => Key === target.Key)) throw new Error(`${target.Key} is not in the list`);
        return;
      }
      case "delete":
        await this.s3.send(new DeleteObjectCommand(target));
    }
  }

  close(): void {
    this.s3.destroy();
  }
}

/** With hundreds of servers, trying every prefix with every server would take all day and prove no more. */
const MOST_OTHERS = 3;

/** Places that a server must not reach: one that begins like its prefix, and the prefixes of the next servers. */
export function placesOutside(server: ServerConfig, all: readonly ServerConfig[]): string[] {
  const own = server.s3PathPrefix;
  const position = all.indexOf(server);
  const next = [...all.slice(position + 1), ...all.slice(0, position)].map(({ s3PathPrefix }) => s3PathPrefix);
  const others = [...new Set(next)].filter((prefix) => !prefixesOverlap(prefix, own));
  return [`${own.slice(0, -1)}-beside/`, ...others.slice(0, MOST_OTHERS)];
}

/** An authority's verdicts on everything inside and outside of a server's prefix. */
export async function objectVerdicts(
  trials: BucketTrials,
  operations: readonly Operation[],
  server: ServerConfig,
  outside: readonly string[],
): Promise<Map<string, Verdict[]>> {
  const verdicts = new Map<string, Verdict[]>();
  for (const operation of operations) {
    verdicts.set(`${operation} inside`, [await trials.try(operation, server.s3PathPrefix)]);
    const beside: Verdict[] = [];
    for (const prefix of outside) beside.push(await trials.try(operation, prefix));
    verdicts.set(`${operation} outside`, beside);
  }
  return verdicts;
}

/** A server's rows, one for each operation and place, with all verdicts on it. */
export function objectRows(
  server: ServerConfig,
  outside: readonly string[],
  decided: readonly ReadonlyMap<string, readonly Verdict[]>[],
): CheckRow[] {
  const scopes: readonly Scope[] = scopesOf(server.s3Permissions);
  return (["inside", "outside"] as const).flatMap((place) =>
    OPERATIONS.map((operation) => ({
      subject: server.name,
      operation,
      place,
      where: place === "inside" ? `inside ${server.s3PathPrefix}` : `outside, in ${outside.join(" ")}`,
      expected:
        place === "inside" && scopes.includes(SCOPE_OF[operation]) ? ("allowed" as const) : ("refused" as const),
      verdicts: decided.flatMap((verdicts) => verdicts.get(`${operation} ${place}`) ?? []),
    })),
  );
}
