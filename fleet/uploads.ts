import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";

/** So many objects of one prefix are looked at: S3 lists them by name, and a list of all costs a request a thousand. */
export const MOST_LISTED = 100_000;

export interface NewestObject {
  readonly key: string;
  /** When it was written, in seconds since 1970. */
  readonly at: number;
  /** Whether all objects were looked at; a newer one may lie among the others. */
  readonly allListed: boolean;
}

/** What servers have uploaded. */
export class Uploads {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
    private readonly mostListed = MOST_LISTED,
  ) {}

  /** The object under a prefix that was written last; undefined where there is none. */
  async newest(prefix: string): Promise<NewestObject | undefined> {
    let newest: NewestObject | undefined;
    let listed = 0;
    for await (const page of paginateListObjectsV2({ client: this.s3 }, { Bucket: this.bucket, Prefix: prefix })) {
      for (const { Key: key = "", LastModified: modified } of page.Contents ?? []) {
        const at = Math.floor((modified?.getTime() ?? 0) / 1000);
        if (newest === undefined || at > newest.at) newest = { key, at, allListed: true };
      }
      listed += page.Contents?.length ?? 0;
      if (listed >= this.mostListed && page.IsTruncated) return newest && { ...newest, allListed: false };
    }
    return newest;
  }
}
