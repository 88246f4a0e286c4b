import { type Fault, type KeyPath, type Problem, showKey } from "./fault";
import { Scanner } from "./scanner";

/** A file of an environment that could be parsed: literal values, and where their keys are. */
export interface SourceFile {
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly outline: Outline;
  /** Whether the value at a path may be a secret, which no fault shows. */
  readonly hides: (path: KeyPath) => boolean;
  /** Whether a part of a path is a name that users choose, and no key. */
  readonly isName: (path: KeyPath, index: number) => boolean;
}

/** The fault that a problem is at a key of a file; without the value where it may be a secret. */
export function faultAt(source: SourceFile, path: KeyPath, problem: Problem, value?: unknown): Fault {
  return {
    file: source.file,
    ...(source.outline.positionOf(path) ?? {}),
    key: showKey(path, source.isName),
    ...(value === undefined || source.hides(path) ? {} : { value }),
    message: problem.message,
    remedy: problem.remedy,
  };
}

/** Where a key is; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface KeyNode {
  readonly offset: number;
  readonly children: Map<string, KeyNode>;
}

/** Where the keys of a file are, and two faults that the HCL parser lets pass. */
export interface Outline {
  /** The position of the key, or of the nearest one above it. */
  positionOf(path: KeyPath): Position | undefined;
  /** Keys that appear twice in one object, where the parser silently keeps the last. */
  readonly duplicates: readonly KeyPath[];
  /** Names of blocks (`name { … }`), which variable files may not hold. */
  readonly blocks: readonly string[];
}

/**
 * Finds the keys of a file that the parser has accepted. The parser gives values without places, and faults need
 * places; reading the text again for its brackets, strings and comments is linear and needs no grammar of expressions.
 */
export function outlineOf(text: string, language: "hcl" | "json"): Outline {
  const root: KeyNode = { offset: 0, children: new Map() };
  const duplicates: KeyPath[] = [];
  const blocks: string[] = [];
  const scanner = new Scanner(text, language === "hcl");
  const positionAt = lineIndex(text);

  const enter = (parent: KeyNode, name: string, offset: number, path: KeyPath): KeyNode => {
    if (parent.children.has(name)) duplicates.push([...path, name]);
    const node: KeyNode = { offset, children: new Map() };
    parent.children.set(name, node);
    return node;
  };
  const readObject = (node: KeyNode, path: KeyPath): void => {
    for (let key = scanner.nextObjectKey(); key !== undefined; key = scanner.nextObjectKey()) {
      readValue(enter(node, key.name, key.offset, path), [...path, key.name]);
    }
  };
  const readValue = (node: KeyNode, path: KeyPath): void => {
    if (scanner.entersObject()) readObject(node, path);
    scanner.skipExpression();
  };

  scanner.skipBlank();
  if (scanner.entersObject()) readObject(root, []);
  else {
    for (let item = scanner.nextBodyItem(); item !== undefined; item = scanner.nextBodyItem()) {
      if (item.isBlock) blocks.push(item.name);
      const node = enter(root, item.name, item.offset, []);
      if (!item.isBlock) readValue(node, [item.name]);
    }
  }
  return {
    duplicates,
    blocks,
    positionOf(path) {
      let node: KeyNode | undefined;
      let children = root.children;
      for (const name of path) {
        const next = children.get(name);
        if (next === undefined) break;
        node = next;
        children = next.children;
      }
      return node === undefined ? undefined : positionAt(node.offset);
    },
  };
}

/** Finds lines and columns of offsets; the lines are counted once, for files with thousands of faults. */
export function lineIndex(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(text.matchAll(/\n/g), (newline) => newline.index + 1)];
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
