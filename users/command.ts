import type { UsersConfig } from "../config/schema/users-types";
import type { Administration, ListedUser, ShownUser } from "./administration";
import { UsersError } from "./user-pool";

export const ACTIONS = {
  list: "everybody, or a group's members (--group)",
  show: "status, groups, second factors and attributes of each NAME; Cognito counts who is asked for as active",
  invite: "an account for each NAME, with a temporary password that Cognito sends",
  disable: "no sign-in and no renewal any more (needs --yes)",
  enable: "sign-in again for who was disabled",
  "sign-out": "ends every sign-in that is kept (needs --yes)",
  "reset-mfa": "forgets the second factor of who has lost it (needs --yes)",
  groups: "the groups of each NAME; --add G, --remove G (needs --yes)",
} as const;
export type Action = keyof typeof ACTIONS;

export interface Request {
  readonly environment: string;
  readonly action: Action;
  readonly names: readonly string[];
  readonly group?: string | undefined;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Of who is invited, beside what the name says. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Sends an invitation again that was not used. */
  readonly again: boolean;
  /** Without it nothing is taken from anybody. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** One thing that is done to one user. */
interface Step {
  readonly name: string;
  /** As it is said when it is done: "disabled". */
  readonly done: string;
  readonly takesAway: boolean;
  readonly act: () => Promise<void>;
  /** What else who reads this must know. */
  readonly note?: string | undefined;
}

/**
 * Does what is asked for, user by user; what takes something away is only said without `--yes`. A user for whom it fails
 * keeps no other from being served.
 * @returns whether everything could be done.
 */
export async function runUsers(
  request: Request,
  administration: Administration,
  users: UsersConfig,
  print: (line: string) => void,
): Promise<boolean> {
  const { action, names, json } = request;
  if (action !== "list" && names.length === 0) throw new UsersError(`${action}: name the users it is for`);
  if (action === "list") {
    if (names.length > 0) throw new UsersError("list takes no names: npm run users -- ENVIRONMENT show NAME…");
    const found = await administration.list(request.group);
    if (json) print(JSON.stringify(found));
    else for (const line of tableOf(found)) print(line);
    return true;
  }
  if (action === "show") {
    return each(names, print, json, async (name) => {
      const shown = await administration.show(name);
      return { lines: shownLines(shown), result: shown };
    });
  }
  if (action === "groups" && request.add.length + request.remove.length === 0) {
    return each(names, print, json, async (name) => {
      const groups = await administration.groupsOf(name);
      return {
        lines: [`${name}: ${groups.length === 0 ? "in no group" : groups.join(", ")}`],
        result: { name, groups },
      };
    });
  }
  const steps = stepsOf(request, administration, users);
  return each(steps, print, json, async ({ name, done, takesAway, act, note }) => {
    const acts = !takesAway || request.yes;
    if (acts) await act();
    const words = acts ? done : `would be ${done}; nothing is done without --yes`;
    return {
      lines: [`${name}: ${words}`, ...(note === undefined ? [] : [`  ${note}`])],
      result: { name, action, what: done, done: acts, ...(note === undefined ? {} : { note }) },
    };
  });
}

function stepsOf(request: Request, administration: Administration, users: UsersConfig): Step[] {
  const { action, names, attributes, again, add, remove } = request;
  const inFile = (name: string) => users.users.find(({ key, userName }) => key === name || userName === name);
  const step = (name: string, done: string, takesAway: boolean, act: () => Promise<void>, note?: string): Step => ({
    name,
    done,
    takesAway,
    act,
    note,
  });
  switch (action) {
    case "invite":
      return names.map((name) => {
        const reachable =
          name.includes("@") || name.startsWith("+") || "email" in attributes || "phone_number" in attributes;
        const act = async () => {
          if (!reachable) throw new UsersError("Cognito cannot send an invitation: give --attribute email=ADDRESS");
          await administration.invite(name, attributes, again);
        };
        return step(name, again ? "invited again" : "invited", false, act);
      });
    case "disable":
      return names.map((name) =>
        step(name, "disabled", true, () => administration.disable(name), disableNote(inFile(name))),
      );
    case "enable":
      return names.map((name) => {
        const note =
          inFile(name)?.enabled === false
            ? "users.tfvars has enabled = false: the next deployment disables it again"
            : undefined;
        return step(name, "enabled", false, () => administration.enable(name), note);
      });
    case "sign-out":
      return names.map((name) =>
        step(name, "signed out everywhere", true, () => administration.signOut(name), OUT_FOR_AN_HOUR),
      );
    case "reset-mfa":
      return names.map((name) => step(name, "without a second factor", true, () => administration.resetMfa(name)));
    default: {
      const unknown = [...add, ...remove].filter((group) => users.groups.every(({ key }) => key !== group));
      if (unknown.length > 0)
        throw new UsersError(
          `users.tfvars has no group ${unknown.join(", ")}, only ${users.groups.map(({ key }) => key).join(", ")}`,
        );
      return names.flatMap((name) => {
        const note =
          inFile(name) &&
          "the entry in users.tfvars has its groups: write this there too, or the next deployment undoes it";
        return [
          ...add.map((group) => step(name, `in ${group}`, false, () => administration.addToGroup(name, group), note)),
          ...remove.map((group) =>
            step(
              name,
              `out of ${group}`,
              true,
              () => administration.removeFromGroup(name, group),
              note ?? OUT_FOR_AN_HOUR,
            ),
          ),
        ];
      });
    }
  }
}

const OUT_FOR_AN_HOUR = "AWS credentials that are out work until they expire: docs/users.md, Leaving";

function disableNote(entry: UsersConfig["users"][number] | undefined): string {
  return entry?.enabled
    ? "users.tfvars has it enabled: write enabled = false there, or the next deployment enables it again"
    : OUT_FOR_AN_HOUR;
}

async function each<T extends string | { readonly name: string }>(
  subjects: readonly T[],
  print: (line: string) => void,
  json: boolean,
  work: (subject: T) => Promise<{ readonly lines: readonly string[]; readonly result: object }>,
): Promise<boolean> {
  const results: object[] = [];
  let isRight = true;
  for (const subject of subjects) {
    const name = typeof subject === "string" ? subject : subject.name;
    try {
      const { lines, result } = await work(subject);
      results.push(result);
      if (!json) for (const line of lines) print(line);
    } catch (error) {
      isRight = false;
      const fault = faultOf(error);
      results.push({ name, error: fault });
      if (!json) print(`${name}: FAILED: ${fault}`);
    }
  }
  if (json) print(JSON.stringify(results));
  return isRight;
}

/** What to do about what Cognito refuses. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["UserNotFoundException", "there is no such user: npm run users -- ENVIRONMENT list"],
  ["UsernameExistsException", "there is such a user already: --again sends an invitation again that was not used"],
  [
    "UnsupportedUserStateException",
    "the invitation was used already: reset the password by oidc-s3 user password forgot",
  ],
  ["ResourceNotFoundException", "there is no such group or pool: deploy the layer first"],
  ["AccessDeniedException", "these AWS credentials may not do that: docs/users.md has the policy for administrators"],
]);

function faultOf(error: unknown): string {
  const { name, message } = error as Error;
  if (error instanceof UsersError) return message;
  const remedy = REMEDIES.get(name);
  return remedy === undefined ? `${message} (${name})` : `${remedy} (${name})`;
}

function tableOf(found: readonly ListedUser[]): string[] {
  if (found.length === 0) return ["nobody"];
  const rows = found.map((user) => [
    user.email ?? user.phone ?? user.username,
    user.enabled ? "enabled" : "DISABLED",
    user.status,
    user.created.slice(0, 10),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function shownLines(user: ShownUser): string[] {
  const rows: [string, string][] = [
    ["status", `${user.status}, ${user.enabled ? "enabled" : "DISABLED"}, since ${user.created.slice(0, 10)}`],
    ["groups", user.groups.join(", ") || "none"],
    ["second factors", user.mfa.join(", ") || "none"],
    ...Object.entries(user.attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return [user.email ?? user.phone ?? user.username, ...rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`)];
}
