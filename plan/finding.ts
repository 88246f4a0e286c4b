/** Why a line of a summary is marked: somebody may do more than before, or data or an identity would be lost. */
export type Mark = "widens-access" | "stateful-resource";

/** One line of a summary. It never holds a value that Terraform marks as sensitive. */
export interface Finding {
  readonly text: string;
  readonly mark?: Mark;
}

export function widening(text: string, really = true): Finding {
  return really ? { text, mark: "widens-access" } : { text };
}
