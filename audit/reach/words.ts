import type { Reach } from "./reach";
import { type Limits, NO_LIMITS } from "./ruling";

/** So many actions are named; of more, those that change something come first. */
const MOST_NAMED = 10;

/** What may be done, in a line for each set of limits; those without any come first. */
export function verbWords({ verbs, others, limits }: Pick<Reach, "verbs" | "others" | "limits">): string[] {
  const alike = new Map<string, { verbs: string[]; others: string[] }>([["", { verbs: [], others: [] }]]);
  const lineOf = (action: string) => {
    const words = limitWords(limits.get(action) ?? NO_LIMITS);
    const line = alike.get(words) ?? { verbs: [], others: [] };
    alike.set(words, line);
    return line;
  };
  for (const verb of verbs) lineOf(verb).verbs.push(verb);
  for (const action of others) lineOf(action).others.push(action);
  return [...alike].flatMap(([words, line]) => {
    const named = [...line.verbs, ...namedActions(line.others)];
    return named.length === 0 ? [] : [`${named.join(", ")}${words === "" ? "" : ` (${words})`}`];
  });
}

function namedActions(actions: readonly string[]): readonly string[] {
  if (actions.length <= MOST_NAMED) return actions;
  const changes = (action: string) => /:(Put|Delete|Bypass|Update|Restore)/.test(action);
  const first = [...actions.filter(changes), ...actions.filter((action) => !changes(action))].slice(0, MOST_NAMED);
  const rest = actions.length - first.length;
  return [...first, `and ${rest} more S3 action${rest === 1 ? "" : "s"}`];
}

function limitWords({ only, except, onlyIf, deniedIf }: Limits): string {
  return [
    ...only.map((words) => `only ${words}`),
    ...(except.length === 0 ? [] : [`except ${except.join(" and ")}`]),
    ...(onlyIf.length === 0 ? [] : [`only if ${onlyIf.join(", or ")}`]),
    ...(deniedIf.length === 0 ? [] : [`denied if ${deniedIf.join(", or ")}`]),
  ].join("; ");
}
