import type { apiKeys } from "../schema/api-keys";
import type { Values } from "../schema/check-keys";
import { MAX_DOMAIN_CHARACTERS, MAX_NAME_CHARACTERS, reservedInDomain } from "../schema/cognito-rules";
import type { Fault, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { valueProblems } from "./server-tags";

type ApiValues = Values<typeof apiKeys>;

/** The names that come from others, where the file does not say them. */
export function derivedNames(values: Partial<ApiValues>, environment: string) {
  const { user_pool_name_prefix: poolPrefix, domain_prefix: domainPrefix } = values;
  return {
    userPoolName: values.user_pool_name ?? `${environment}-${poolPrefix}-user-pool`,
    domain: values.domain ?? (environment === "prod" ? `${domainPrefix}-auth` : `${domainPrefix}-${environment}-auth`),
    stageName: values.stage_name ?? environment,
  };
}

/** What Cognito would refuse of the names that are made from others, and of the tag. */
export function nameFaults(
  source: SourceFile,
  values: Partial<ApiValues>,
  { userPoolName, domain }: ReturnType<typeof derivedNames>,
): Fault[] {
  const faults: Fault[] = [];
  const refuse = (key: keyof ApiValues, problem: Problem) => {
    // A value that is wrong by itself is reported already, and missing here.
    if (values[key] !== undefined) faults.push(faultAt(source, [key], problem, values[key]));
  };
  const domainKey = values.domain === undefined ? "domain_prefix" : "domain";
  const excess = domain.length - MAX_DOMAIN_CHARACTERS;
  if (excess > 0) {
    const message = `gives the Cognito domain "${domain}" of ${domain.length} characters, and Cognito allows ${MAX_DOMAIN_CHARACTERS}`;
    refuse(domainKey, { message, remedy: `shorten it by ${excess}` });
  }
  for (const word of reservedInDomain(domain)) {
    const message = `gives the Cognito domain "${domain}", which may not hold "${word}"`;
    refuse(domainKey, { message, remedy: "rename it, or the environment" });
  }
  if (values.user_pool_name === undefined && userPoolName.length > MAX_NAME_CHARACTERS) {
    const message = `gives a user pool's name of ${userPoolName.length} characters, and Cognito allows ${MAX_NAME_CHARACTERS}`;
    refuse("user_pool_name_prefix", { message, remedy: `shorten it by ${userPoolName.length - MAX_NAME_CHARACTERS}` });
  }
  for (const problem of valueProblems(values.project_tag ?? "")) refuse("project_tag", problem);
  return faults;
}
