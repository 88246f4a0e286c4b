import { IDENTITY } from "../../access/people";
import type { Deployment } from "../stacks/deployment";
import { OWN_IDENTITY } from "../stacks/people";
import { type Policy, parsePolicy, S3 } from "../stacks/policies";
import type { Principal } from "../stacks/roles";
import { Asker } from "./asker";
import { type Place, placesOf, startingWith } from "./places";
import { type Limits, NO_LIMITS } from "./ruling";

/** What may be done under a prefix, by the S3 action that decides it. */
export const VERBS = {
  write: "s3:PutObject",
  read: "s3:GetObject",
  delete: "s3:DeleteObject",
  list: "s3:ListBucket",
} as const;
export type Verb = keyof typeof VERBS;

/** What the verbs cover: whoever may write may also give an upload up. */
const COVERED: ReadonlySet<string> = new Set([...Object.values(VERBS), "s3:AbortMultipartUpload"]);

/** What somebody may do in one place. */
export interface Reach extends Pick<Place, "bucket" | "prefix"> {
  readonly who: Principal;
  readonly verbs: readonly Verb[];
  /** S3 actions that are no verb's. */
  readonly others: readonly string[];
  /** Of verbs and others, those that are not allowed in all of the place to everybody who is meant. */
  readonly limits: ReadonlyMap<string, Limits>;
  /** Whether it is answered without TLS too; undefined for a bucket that is not made here, whose policy is not known. */
  readonly withoutTls: boolean | undefined;
}

/**
 * Asks IAM's rules what each principal may do in each place that its policies may match. Places are what the policies of
 * any of them name, and what is promised.
 */
export async function reachOf(
  principals: readonly Principal[],
  deployment: Deployment,
  promised: readonly { readonly bucket: string; readonly prefix: string }[],
): Promise<Reach[]> {
  const ofBuckets = bucketPoliciesOf(deployment);
  const askers = principals.map((who) => new Asker(who, ofBuckets));
  const byPromise = promised.map(
    ({ bucket, prefix }) => `${S3}${bucket}/${prefix.replaceAll(OWN_IDENTITY, IDENTITY)}*`,
  );
  const places = placesOf([...askers.flatMap((asker) => asker.places), ...byPromise]);
  const made = new Set(deployment.resources("aws_s3_bucket").map((each) => deployment.text(each, "bucket")));
  const rows: Reach[] = [];
  for (const asker of askers) {
    const otherActions = (await asker.actions())
      .filter((action) => !COVERED.has(action))
      .map((action) => [action, action] as const);
    const actions = [...Object.entries(VERBS), ...otherActions];
    const here = new Set(asker.starts.flatMap((start) => startingWith(places, start)));
    for (const place of [...here].sort((a, b) => (a.start < b.start ? -1 : 1))) {
      const verbs: Verb[] = [];
      const others: string[] = [];
      const limits = new Map<string, Limits>();
      let withoutTls = made.has(place.bucket) ? false : undefined;
      for (const [name, action] of actions) {
        const found = await asker.limitsOf(action, place);
        if (found === undefined) continue;
        if (name === action) others.push(action);
        else verbs.push(name as Verb);
        if (found !== NO_LIMITS) limits.set(name, found);
        if (withoutTls === false) withoutTls = await asker.mayWithoutTls(action, place);
      }
      if (verbs.length + others.length === 0) continue;
      rows.push({ bucket: place.bucket, prefix: place.prefix, who: asker.who, verbs, others, limits, withoutTls });
    }
  }
  return rows;
}

function bucketPoliciesOf(deployment: Deployment): ReadonlyMap<string, Policy> {
  return new Map(
    deployment.resources("aws_s3_bucket_policy").map((each) => {
      const bucket = deployment.text(each, "bucket") ?? "";
      return [bucket, parsePolicy(`the policy of the bucket ${bucket}`, deployment.text(each, "policy") ?? "")];
    }),
  );
}
