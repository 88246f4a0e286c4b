import { shown, textWithin } from "../../iam/pattern";
import { S3 } from "../stacks/policies";
import { ANY_BUCKET, placeWords } from "./places";

// What statements say together of one action, in all texts at once: ARNs of objects, or of a bucket with the prefix that a
// listing names.

/** Texts that one of the patterns matches; with `but`, those that none of them matches. */
export interface Part {
  readonly patterns: readonly string[];
  readonly but: boolean;
}

/** A statement, as far as it is about the action: it holds for the texts that are in all of its parts. */
export interface Claim {
  readonly parts: readonly Part[];
  /** On what conditions that are not known here, and by which policy. */
  readonly where?: string;
}

export interface Claims {
  readonly allow: readonly Claim[];
  /** What the session may do at most; missing where it is not narrowed. */
  readonly session?: readonly Claim[] | undefined;
  readonly deny: readonly Claim[];
}

/** What is to be said of an action that is not allowed in a place as a whole, and to everybody. Each is a list of words. */
export interface Limits {
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly onlyIf: readonly string[];
  readonly deniedIf: readonly string[];
}

/** Such a listing begins at the first key and leaves none out. */
export const NO_PREFIX = "without a prefix, which lists all keys";

export const NO_LIMITS: Limits = { only: [], except: [], onlyIf: [], deniedIf: [] };

type Matched = (pattern: string) => boolean;

function holds({ parts }: Claim, isMatched: Matched): boolean {
  return parts.every(({ patterns, but }) => patterns.some(isMatched) !== but);
}

function isAllowed({ allow, session, deny }: Claims, isMatched: Matched): boolean {
  const isIn = (claims: readonly Claim[]) => claims.some((claim) => holds(claim, isMatched));
  return isIn(allow) && (session === undefined || isIn(session)) && !isIn(deny);
}

const isSure = ({ where }: Claim) => where === undefined;

/** The answer to one question in every place. */
export class Ruling {
  private readonly patterns: readonly string[];
  /** For whoever meets every condition. */
  private readonly best: Claims;

  constructor(private readonly claims: Claims) {
    const { allow, session = [], deny } = claims;
    this.patterns = [...allow, ...session, ...deny].flatMap(({ parts }) => parts.flatMap(({ patterns }) => patterns));
    this.best = { ...claims, deny: deny.filter(isSure) };
  }

  /** A text within one pattern and none of the others that is allowed to whoever meets the conditions; undefined where there is none. */
  allowedWithin(within: string, outside: readonly string[]): string | undefined {
    const isAsked = (isMatched: Matched) => !outside.some(isMatched) && isAllowed(this.best, isMatched);
    return textWithin(within, [...this.patterns, ...outside], isAsked);
  }

  /** How what is allowed within a pattern is less than all of it for everybody. */
  limitsWithin(within: string): Limits {
    const { allow, session, deny } = this.claims;
    const sure = { allow: allow.filter(isSure), session: session?.filter(isSure) };
    if (!this.isSomewhere(within, (isMatched) => !isAllowed({ ...sure, deny }, isMatched))) return NO_LIMITS;
    const leaving = [allow, ...(session === undefined ? [] : [session])].map((claims) => this.leaves(within, claims));
    const { best } = this;
    const unlessDenied = { ...best, deny: [] };
    const denying = this.meeting(within, best.deny, (isMatched) => isAllowed(unlessDenied, isMatched));
    const left = denying.map((claim) => this.words(within, claim));
    const needs = this.isSomewhere(
      within,
      (isMatched) => isAllowed(best, isMatched) && !isAllowed({ ...sure, deny: best.deny }, isMatched),
    );
    const conditional = this.meeting(within, needs ? [...allow, ...(session ?? [])] : []);
    const passing = this.meeting(within, deny, (isMatched) => isAllowed(best, isMatched));
    const wheres = (claims: readonly Claim[]) => [...new Set(claims.flatMap(({ where }) => where ?? []))];
    return {
      only: [...leaving.flatMap(({ only }) => only), ...left.flatMap(({ but }) => but ?? [])],
      except: [...leaving.flatMap(({ except }) => except), ...left.flatMap(({ text }) => text ?? [])],
      onlyIf: wheres(conditional),
      deniedIf: wheres(passing),
    };
  }

  private isSomewhere(within: string, isWanted: (isMatched: Matched) => boolean): boolean {
    return textWithin(within, this.patterns, isWanted) !== undefined;
  }

  /** Those of the claims that hold somewhere within a pattern, and where something else is so. */
  private meeting(
    within: string,
    claims: readonly Claim[],
    isSo: (isMatched: Matched) => boolean = () => true,
  ): Claim[] {
    return claims.filter((claim) =>
      this.isSomewhere(within, (isMatched) => holds(claim, isMatched) && isSo(isMatched)),
    );
  }

  /** What claims that allow leave of a place. */
  private leaves(within: string, claims: readonly Claim[]): Pick<Limits, "only" | "except"> {
    const isOpen = (isMatched: Matched) => !claims.some((claim) => holds(claim, isMatched));
    if (!this.isSomewhere(within, isOpen)) return NO_LIMITS;
    const all = this.meeting(within, claims).map((claim) => this.words(within, claim));
    const [first] = all;
    if (all.length === 1 && first?.but !== undefined) return { only: [], except: [first.but] };
    return { only: [all.map(({ text, but }) => text ?? `all but ${but}`).join(" or ")], except: [] };
  }

  /** Where a claim holds within a pattern, in words; `but` where it is everything but that. */
  private words(within: string, { parts }: Claim): { readonly text?: string; readonly but?: string } {
    const narrowing = parts.filter((part) =>
      this.isSomewhere(within, (isMatched) => part.patterns.some(isMatched) === part.but),
    );
    const named = narrowing.map(({ patterns, but }) => {
      const here = patterns.filter((each) => this.isSomewhere(within, (isMatched) => isMatched(each)));
      return { but, words: [...new Set(here.map((each) => keyWords(each, within)))].join(" or ") };
    });
    const [only] = named;
    if (named.length === 1 && only?.but) return { but: only.words };
    return { text: named.map(({ but, words }) => (but ? `all but ${words}` : words)).join(" and ") };
  }
}

/** A pattern as it reads beside the bucket that it is in. */
function keyWords(pattern: string, within: string): string {
  const buckets = [within.slice(0, within.indexOf("/") + 1), ANY_BUCKET, `${S3}*/`];
  const bucket = buckets.find((each) => pattern.startsWith(each)) ?? "";
  const key = pattern.slice(bucket.length);
  return key === "" ? NO_PREFIX : placeWords(shown(key));
}
