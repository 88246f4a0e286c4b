import type { SourceFile } from "../source/source-file";
import type { UsersNames } from "./users-names";
import type { UsersParts, UsersValues } from "./users-parts";

/** A `users.tfvars` of which each key has been checked by itself. */
export interface UsersFile {
  readonly source: SourceFile;
  readonly environment: string;
  readonly values: Partial<UsersValues>;
  readonly parts: UsersParts;
  readonly names: UsersNames;
  /** Whether the environment has a foundation, and so a bucket of its own. */
  readonly hasFoundation: boolean;
  /** That bucket, where its name is known. */
  readonly bucketName: string | undefined;
}
