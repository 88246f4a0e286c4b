import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Scope } from "../../access/permission-level";
import type { ClientConfig } from "../process/client-config";
import { type Authority, awsRefusal, type Verdict, verdictOf } from "./check-row";

/** What the loop tries in the bucket, with the scope that each needs, in an order that leaves something to be read. */
export const OPERATIONS = ["put", "get", "list", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];
export const SCOPE_OF: Readonly<Record<Operation, Scope>> = {
  put: "write",
  get: "read",
  list: "list",
  delete: "delete",
};

/** The object that is tried under a prefix. */
const NAME = "sandbox-check.txt";

export class BucketTrials {
  private readonly s3: S3Client;

  constructor(
    config: ClientConfig,
    private readonly bucket: string,
    private readonly by: Authority,
  ) {
    // The emulator calculates signatures of plain bodies only when it enforces IAM.
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
