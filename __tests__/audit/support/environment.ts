import { accessReport } from "../../../audit/access-report";
import { Deployment } from "../../../audit/stacks/deployment";
import type { UploaderEnvironment } from "../../../config";
import { configOf, serversFile, usersFiles } from "../../config/support/load";
import { at, type StackDocument, synthesise, synthesiseUsers } from "../../support/synthesise";

export const SERVERS = serversFile(`
  "db-01" = { s3_path_prefix = "db/01/", s3_permissions = "full", max_session_duration = 900 }
  "db-02" = { s3_path_prefix = "db/02/", s3_permissions = "write", access_token_validity_minutes = 30 }
  "log"   = { s3_path_prefix = "logs/", s3_permissions = "read", shared_prefix = true }
  "web"   = { s3_path_prefix = "logs/web/", s3_permissions = "write", shared_prefix = true }`);
export const USERS = `
access = { s3 = { permissions = "read-write" } }
groups = {
  admins = { precedence = 1, access = {
    s3       = { prefix = "shared/", user_specific = false, permissions = "full" }
    dynamodb = { table = "notes", permissions = "read" }
    lambda   = ["reports"]
  } }
  staff  = { precedence = 10, policy_file = "staff.json" }
}
identity_pool = { guests = true, guest_policy_file = "guests.json" }`;
const STAFF =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:GetObjectTagging"],"Resource":"arn:aws:s3:::staff/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}';
const GUESTS =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::public/*"}}';

export type Documents = Record<"foundation" | "servers" | "users", StackDocument>;

export async function environment(
  users = USERS,
  staff = STAFF,
): Promise<{ config: UploaderEnvironment; documents: Documents }> {
  const config = await configOf({
    "servers.tfvars": SERVERS,
    ...usersFiles(users),
    "staff.json": staff,
    "guests.json": GUESTS,
  });
  const { foundation, servers } = synthesise(config);
  return { config, documents: { foundation, servers, users: synthesiseUsers(config).document } };
}

export const deployment = (documents: Partial<Documents>) => new Deployment(new Map(Object.entries(documents)));

export interface Synthesised {
  readonly config: UploaderEnvironment;
  readonly documents: Documents;
}

/** What a report on stacks finds that somebody, or a fault of ours, has changed. */
export async function differencesAfter(
  change: (copy: Documents) => void,
  { config, documents }: Synthesised,
): Promise<readonly string[]> {
  const copy = structuredClone(documents);
  change(copy);
  return (await accessReport(config, deployment(copy))).differences;
}

/** Changes a policy's text; its words must be there. */
export function replaceIn(document: StackDocument, address: string, attribute: string, from: string, to: string): void {
  const attributes = at(document, address);
  expect(attributes[attribute]).toContain(from);
  attributes[attribute] = String(attributes[attribute]).replaceAll(from, to);
}
