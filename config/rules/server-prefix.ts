import { type PermissionLevel, scopesOf } from "../../access/permission-level";
import { MAX_SESSION_POLICY_CHARACTERS, policyJson, sessionPolicy } from "../../access/policy";
import { prefixFaults } from "../../access/prefix";
import type { Problem } from "../source/fault";

/** What is wrong with a server's prefix by itself, the length of the session policy that it gives included. */
export function prefixProblems(
  prefix: string,
  level: PermissionLevel | undefined,
  bucketName: string | undefined,
): Problem[] {
  const problems = prefixFaults(prefix).map(({ fault, remedy }) => ({ message: fault, remedy }));
  if (problems.length > 0 || level === undefined || bucketName === undefined) return problems;
  const policy = sessionPolicy(`arn:aws:s3:::${bucketName}`, prefix, scopesOf(level));
  const { length } = policyJson(policy);
  if (length <= MAX_SESSION_POLICY_CHARACTERS) return [];
  return [
    {
      message: `gives a session policy of ${length} characters, and AWS allows ${MAX_SESSION_POLICY_CHARACTERS}`,
      remedy:
        "shorten the prefix; a character outside ASCII takes six there, and stands twice where listing is allowed",
    },
  ];
}
