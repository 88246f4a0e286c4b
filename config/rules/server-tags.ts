import { ENVIRONMENT_TAG } from "../../access/names";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
const MAX_TAGS = 50;
const MAX_KEY_CHARACTERS = 128;
const MAX_VALUE_CHARACTERS = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Tags that every role has besides the users' own: the provider's default tags, then the role's. */
export const BUILT_IN_TAGS: readonly string[] = ["Project", ENVIRONMENT_TAG, "ManagedBy", "IdP", "Server"];

type Tags = Readonly<Record<string, string>>;

/**
 * What IAM would refuse of the tags of servers' roles: common tags, each server's own, and all of a role together.
 * @param inherited the keys of the tags that everything in the layer has besides
 */
export function tagFaults(
  source: SourceFile,
  environment: string,
  inherited: readonly string[],
  commonTags: Tags,
  servers: readonly { readonly name: string; readonly tags: Tags }[],
): Fault[] {
  const common = [...inherited, ...Object.keys(commonTags)];
  return [
    ...eachTag(source, ["common_tags"], commonTags),
    ...together(source, ["common_tags"], inherited, commonTags),
    ...servers.flatMap(({ name, tags }) => {
      const path = ["servers", name, "tags"];
      return [
        ...eachTag(source, path, tags),
        ...together(source, path, common, tags),
        ...foreign(source, path, tags, environment),
      ];
    }),
  ];
}

function eachTag(source: SourceFile, path: KeyPath, tags: Tags): Fault[] {
  return Object.entries(tags).flatMap(([key, value]) =>
    [...keyProblems(key), ...valueProblems(value)].map((problem) => faultAt(source, [...path, key], problem, value)),
  );
}

function keyProblems(key: string): Problem[] {
  if (key === "") return [{ message: "has an empty key", remedy: "name the tag" }];
  if (/^aws:/i.test(key)) return [{ message: "has a key that begins with aws:", remedy: "AWS keeps that: rename it" }];
  return textProblems("key", key, MAX_KEY_CHARACTERS);
}

export function valueProblems(value: string): Problem[] {
  return textProblems("value", value, MAX_VALUE_CHARACTERS);
}

function textProblems(what: "key" | "value", text: string, most: number): Problem[] {
  const length = [...text].length;
  return [
    ...(length > most
      ? [{ message: `has a ${what} of ${length} characters`, remedy: `AWS allows ${most}: shorten it` }]
      : []),
    ...(ALLOWED.test(text)
      ? []
      : [
          {
            message: `has a ${what} with characters that IAM does not allow`,
            remedy: "use letters, digits, spaces and _ . : / = + - @ alone",
          },
        ]),
  ];
}

/** The policy of the vending function asks for this tag: a server whose role has another value could get nothing. */
function foreign(source: SourceFile, path: KeyPath, tags: Tags, environment: string): Fault[] {
  const value = tags[ENVIRONMENT_TAG];
  if (value === undefined || value === environment) return [];
  const message = `is not the environment's name, and the vending function may assume roles with ${ENVIRONMENT_TAG} = "${environment}" alone`;
  return [faultAt(source, [...path, ENVIRONMENT_TAG], { message, remedy: "remove the tag, or rename it" }, value)];
}

/** IAM takes `team` and `Team` for one key, and refuses a role that has both. */
function together(source: SourceFile, path: KeyPath, inherited: readonly string[], tags: Tags): Fault[] {
  const keys = new Map(inherited.map((key) => [key.toLowerCase(), key]));
  const faults: Fault[] = [];
  for (const key of Object.keys(tags)) {
    const same = keys.get(key.toLowerCase());
    if (same !== undefined && same !== key) {
      faults.push(
        faultAt(
          source,
          [...path, key],
          {
            message: `differs from the tag ${same} of the same role by capitals alone`,
            remedy: `IAM takes them for one: write ${same}, or rename it`,
          },
          tags[key],
        ),
      );
    }
    keys.set(key.toLowerCase(), key);
  }
  if (keys.size > MAX_TAGS) {
    const message = `makes ${keys.size} tags of a role, those that every role has included, and IAM allows ${MAX_TAGS}`;
    faults.push(faultAt(source, path, { message, remedy: `remove ${keys.size - MAX_TAGS}` }));
  }
  return faults;
}
