import { prefixFaults } from "../../access/prefix";
import type { CheckedLayer } from "../layer";
import { bucketNameProblem } from "../schema/aws-rules";
import { functionProblem } from "../schema/people-rules";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt } from "../source/source-file";
import type { UsersFile } from "./users-file";
import { type CheckedAccess, grantsAnything } from "./users-parts";

/** Whom an `access` is for, as messages say it. */
interface Grant {
  readonly name: string;
  readonly owner: string;
  readonly access: CheckedAccess;
}

function grantsOf({ parts }: UsersFile): Grant[] {
  const groups = parts.groups.map(({ name, access }) => ({ name, owner: `the group "${name}"`, access }));
  return [{ name: "", owner: "everybody who has signed in", access: parts.access }, ...groups];
}

/** What is wrong with what people may reach, whoever they are, and with what gives them credentials. */
export function accessFaults(file: UsersFile): Fault[] {
  return [
    ...grantsOf(file).flatMap(({ access }) => grantFaults(file, access)),
    ...identityPoolFaults(file),
    ...guestFaults(file),
  ];
}

function grantFaults({ source, hasFoundation }: UsersFile, { path, s3, lambda }: CheckedAccess): Fault[] {
  const faults: Fault[] = [];
  const refuse = (key: string[], problem: Problem, value?: unknown) =>
    faults.push(faultAt(source, [...path, ...key], problem, value));
  if (s3 !== undefined && s3.bucket === undefined && !hasFoundation) {
    const message = "names no bucket, and the environment has no foundation, whose bucket would be the default";
    refuse(["s3"], { message, remedy: 'write bucket = "…", or add the files of the layers foundation and servers' });
  }
  // Another bucket may be in another region, where other names are right.
  const problem = s3?.bucket === undefined ? undefined : bucketNameProblem(s3.bucket, undefined);
  if (problem !== undefined) refuse(["s3", "bucket"], problem, s3?.bucket);
  for (const each of s3?.prefix === undefined ? [] : prefixProblems(s3.prefix))
    refuse(["s3", "prefix"], each, s3?.prefix);
  for (const [index, name] of lambda.entries()) {
    const found = functionProblem(name);
    if (found !== undefined) refuse(["lambda", String(index)], found, name);
  }
  return faults;
}

function prefixProblems(prefix: string): Problem[] {
  if (prefix === "")
    return [{ message: "is empty, and would be the whole bucket", remedy: 'name a folder, like "users/"' }];
  if (prefix.includes("${")) {
    const remedy = "write the folder alone: with user_specific each identity has one of its own in it";
    return [{ message: "holds a variable", remedy }];
  }
  return prefixFaults(prefix).map(({ fault, remedy }) => ({ message: fault, remedy }));
}

/** Of people, for the check with those of servers and of other environments. */
export function peoplePrefixes(file: UsersFile): NonNullable<CheckedLayer["prefixes"]> {
  return grantsOf(file).flatMap(({ name, owner, access: { path, s3 } }) => {
    const { prefix, bucket = file.bucketName, user_specific, shared_prefix } = s3 ?? {};
    // What is wrong by itself would only be in the way.
    if (
      prefix === undefined ||
      bucket === undefined ||
      user_specific === undefined ||
      prefixProblems(prefix).length > 0
    )
      return [];
    const perIdentity = user_specific;
    return [
      { name, owner, prefix, bucket, perIdentity, shared: shared_prefix === true, path: [...path, "s3", "prefix"] },
    ];
  });
}

function identityPoolFaults(file: UsersFile): Fault[] {
  const { source, parts } = file;
  if (parts.identityPool.values.enabled !== false) return [];
  const problem: Problem = {
    message: "needs AWS credentials, and without the identity pool nobody gets any",
    remedy: "remove it, or write identity_pool = { enabled = true }",
  };
  const paths: KeyPath[] = [
    ...(grantsAnything(parts.access, undefined) ? [["access"]] : []),
    ...parts.groups.flatMap(({ name, access, checked }) => [
      ...(grantsAnything(access, undefined) ? [["groups", name, "access"]] : []),
      ...(checked.values.policy_file === undefined ? [] : [["groups", name, "policy_file"]]),
    ]),
  ];
  return paths.map((path) => faultAt(source, path, problem));
}

function guestFaults({ source, parts }: UsersFile): Fault[] {
  const { values, policy } = parts.identityPool;
  const { guests, guest_policy_file: name } = values;
  const faults = [...(policy?.problems ?? []), ...(policy?.warnings ?? [])].map((problem) =>
    faultAt(source, ["identity_pool", "guest_policy_file"], problem, name),
  );
  const written = ((source.values.identity_pool ?? {}) as Record<string, unknown>).guest_policy_file !== undefined;
  if (guests === true && !written) {
    const message = "lets people in who have not signed in, and says not what they may do";
    faults.push(
      faultAt(source, ["identity_pool", "guests"], { message, remedy: "add guest_policy_file, or write false" }, true),
    );
  }
  if (guests === false && written) {
    const message = "is what guests may do, and there are none";
    faults.push(
      faultAt(
        source,
        ["identity_pool", "guest_policy_file"],
        { message, remedy: "remove it, or write guests = true" },
        name,
      ),
    );
  }
  return faults;
}
