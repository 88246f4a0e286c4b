import type { RoleSession } from "./authorizer";
import { type Authorizer, denial } from "./authorizer";
import { escapeXml, unescapeXml } from "./refusals";
import { deletionOf } from "./s3-request";

interface Target {
  readonly xml: string;
  readonly key: string;
  readonly versionId?: string;
}

export interface SplitDeletion {
  /** The request's body with only those objects that may be deleted; undefined where there is none. */
  readonly body: string | undefined;
  /** The refused objects as elements for the answer's `DeleteResult`. */
  readonly errors: string;
}

/** S3 decides for each object of a DeleteObjects request by itself: refused ones are errors in a successful answer. */
export async function splitDeletion(
  authorizer: Authorizer,
  session: RoleSession,
  bucket: string,
  body: string,
): Promise<SplitDeletion> {
  let allowed = 0;
  let kept = body;
  let errors = "";
  for (const target of targets(body)) {
    const request = deletionOf(bucket, target);
    const decision = await authorizer.decide(session, request);
    if (decision.allowed) {
      allowed += 1;
      continue;
    }
    kept = kept.replace(target.xml, "");
    const message = escapeXml(denial(session, request, decision.reason));
    errors += `<Error><Key>${escapeXml(target.key)}</Key><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  }
  return { body: allowed === 0 ? undefined : kept, errors };
}

/** The answer with the refused objects added to it. */
export function withErrors(answer: string, errors: string): string {
  if (errors === "") return answer;
  const emptied = answer.replace(/<DeleteResult([^>]*)\/>/, "<DeleteResult$1></DeleteResult>");
  return emptied.replace("</DeleteResult>", `${errors}</DeleteResult>`);
}

export const NOTHING_DELETED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>';

function* targets(body: string): Generator<Target> {
  for (const [xml] of body.matchAll(/<Object>[\s\S]*?<\/Object>/g)) {
    const key = /<Key>([\s\S]*?)<\/Key>/.exec(xml)?.[1];
    const versionId = /<VersionId>([\s\S]*?)<\/VersionId>/.exec(xml)?.[1];
    if (key === undefined) continue;
    yield { xml, key: unescapeXml(key), ...(versionId === undefined ? {} : { versionId: unescapeXml(versionId) }) };
  }
}
