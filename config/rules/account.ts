import type { z } from "zod";
import type { accountKeys } from "../schema/account-keys";
import { listedRegion } from "../schema/aws-rules";
import { nestedBackendKeys } from "../schema/backend-keys";
import { checkKeys } from "../schema/check-keys";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { tagFaults } from "./server-tags";

type AccountKeys = ReturnType<typeof accountKeys>;
type AccountValues = { readonly [K in keyof AccountKeys]?: z.output<AccountKeys[K]> } & {
  readonly aws_region?: string;
};

/**
 * What is wrong with the keys of `accountKeys` together, and with the region.
 * @param builtInTags the keys of tags that everything in the layer has besides `common_tags`
 */
export function accountFaults(
  source: SourceFile,
  environment: string,
  builtInTags: readonly string[],
  values: AccountValues,
): Fault[] {
  const { aws_region: region, skip_region_validation: skip, common_tags: tags = {}, assume_role: role } = values;
  const problem = region === undefined || skip === true ? undefined : listedRegion(region);
  return [
    ...(problem === undefined ? [] : [faultAt(source, ["aws_region"], problem, region)]),
    ...tagFaults(source, environment, builtInTags, tags, []),
    ...(role === undefined ? [] : checkKeys(nestedBackendKeys.assume_role, source, ["assume_role"], role).faults),
  ];
}
