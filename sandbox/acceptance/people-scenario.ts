import { join } from "node:path";
import { AdminCreateUserCommand, CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { buildClient } from "../../build/client";
import type { PeopleAccessConfig, UsersConfig } from "../../config/schema/users-types";
import type { Cloud } from "../cloud/cloud";
import { PARTITION_KEY } from "../cloud/people-stores";
import { totpCode } from "../identity/totp";
import { awsRefusal, type CheckRow, type Verdict, verdictOf } from "./checks";
import { BucketTrials } from "./object-checks";
import { type Ended, Person, PROFILE_OPTION, REFUSED } from "./person";

const TEMPORARY_WRONG = "Wrong-horse-7-battery";
const TOTP_STEP_MS = 30_000;

/**
 * Two people are invited and sign in with `oidc-s3` as people have it; the first one enrols an authenticator app, reaches
 * what is hers and nothing of the other's, renews without signing in, and signs out everywhere, which ends renewal.
 */
export async function runPeopleScenario(
  cloud: Cloud,
  { progress }: { readonly progress: (line: string) => void },
): Promise<CheckRow[]> {
  progress("the sign-in: Ann and Bob are invited, and reach what is theirs");
  const folder = join(cloud.folder, "people");
  const program = await buildClient(folder);
  const users = cloud.config.optional.users as UsersConfig;
  const ann = new Actor(cloud, users, new Person("Ann", join(folder, "ann"), program, cloud.awsEndpoint));
  const bob = new Actor(cloud, users, new Person("Bob", join(folder, "bob"), program, cloud.awsEndpoint));
  await Promise.all([ann.join(), bob.join()]);
  if (users.mfaMethods.includes("totp")) await ann.enrolAuthenticatorApp();
  await ann.tryStores(users.access, await bob.identity());
  await ann.renew();
  await ann.signOutEverywhere(join(folder, "ann-elsewhere"));
  return [...ann.rows, ...bob.rows];
}

/** A person, and what came of each thing that they tried. */
class Actor {
  readonly rows: CheckRow[] = [];
  private readonly login: string;
  private readonly password: string;

  constructor(
    private readonly cloud: Cloud,
    private readonly users: UsersConfig,
    private readonly person: Person,
  ) {
    const name = person.name.toLowerCase();
    this.login = users.signIn.includes("email") ? `${name}@example.com` : users.signIn.includes("phone") ? PHONE : name;
    this.password = `${person.name}s-horse-7-battery`;
  }

  /** Is invited, and signs in with the temporary password, in whose place comes one of their own. */
  async join(): Promise<void> {
    const { settings, settingsFile } = this.cloud.usersServices;
    const cognito = new CognitoIdentityProviderClient(this.cloud.clientConfig);
    const attributes = new Map([...this.users.requiredAttributes.map((name) => [name, this.person.name] as const)]);
    attributes.set("email", `${this.person.name.toLowerCase()}@example.com`).set("email_verified", "true");
    if (this.users.signIn.includes("phone")) attributes.set("phone_number", PHONE).set("phone_number_verified", "true");
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: String(settings.user_pool_id),
        Username: this.login,
        UserAttributes: [...attributes].map(([Name, Value]) => ({ Name, Value })),
        DesiredDeliveryMediums: [this.users.signIn.includes("phone") ? "SMS" : "EMAIL"],
      }),
    );
    const address = this.users.signIn.includes("phone") ? PHONE : attributes.get("email");
    const temporary = this.cloud.identity.outbox.messages(address).at(-1)?.secret ?? "";
    await this.person.user(`configure --from ${settingsFile} ${PROFILE_OPTION}`);
    const login = `login -u ${this.login} ${PROFILE_OPTION}`;
    this.record("sign in", "with a wrong password", "refused", await this.person.user(login, TEMPORARY_WRONG));
    const signedIn = await this.person.user(login, temporary, this.password, this.password);
    this.record("sign in", "by the invitation, with a password of their own", "allowed", signedIn);
  }

  /** Sets up a second factor, which the next sign-in asks for; each code is good for one. */
  async enrolAuthenticatorApp(): Promise<void> {
    let secret = "";
    const code = (steps: number) => totpCode(secret, Date.now() + steps * TOTP_STEP_MS);
    const enrolled = await this.person.answer(`mfa enrol ${PROFILE_OPTION}`, SECRET, ([, letters = ""]) => {
      secret = letters.replaceAll(" ", "");
      return code(-1);
    });
    this.record("enrol", "an authenticator app", "allowed", enrolled);
    const login = `login -u ${this.login} ${PROFILE_OPTION}`;
    const once = code(0);
    this.record("sign in", "with its code", "allowed", await this.person.user(login, this.password, once));
    const replayed = await this.person.user(login, this.password, once, once, once);
    this.record("sign in", "with the same code again", "refused", replayed);
  }

  /** The identity pool's name for this person. */
  async identity(): Promise<string> {
    const { stdout } = await this.person.user(`status --json ${PROFILE_OPTION}`);
    return String(JSON.parse(stdout).credentials.identity_id);
  }

  /** Own objects and rows, and those of somebody else. */
  async tryStores({ s3, dynamodb }: PeopleAccessConfig, other: string): Promise<void> {
    const credentials = await this.person.credentials();
    if (typeof credentials === "string") throw new Error(`${this.person.name} has no credentials: ${credentials}`);
    const config = { ...this.cloud.clientConfig, credentials };
    const own = await this.identity();
    if (s3?.userSpecific) {
      const trials = new BucketTrials(config, s3.bucket, BY_POLICY);
      this.add(
        "put",
        "under the own prefix, by the profile",
        "allowed",
        await trials.try("put", `${s3.prefix}${own}/`),
      );
      this.add("put", "under the other's prefix", "refused", await trials.try("put", `${s3.prefix}${other}/`));
      this.add("get", "under the other's prefix", "refused", await trials.try("get", `${s3.prefix}${other}/`));
      this.add("list", "the whole bucket", "refused", await trials.try("list", ""));
      trials.close();
    }
    if (dynamodb?.userSpecific) {
      const client = new DynamoDBClient(config);
      const TableName = dynamodb.table;
      const key = (id: string) => ({ [PARTITION_KEY]: { S: id } });
      const attempt = (send: () => Promise<unknown>) => verdictOf(BY_POLICY, send, awsRefusal);
      if (dynamodb.permissions === "read-write") {
        const put = (id: string) => attempt(() => client.send(new PutItemCommand({ TableName, Item: key(id) })));
        this.add("put item", "a row of the own", "allowed", await put(own));
        this.add("put item", "a row of the other's", "refused", await put(other));
      }
      const get = (id: string) => attempt(() => client.send(new GetItemCommand({ TableName, Key: key(id) })));
      this.add("get item", "a row of the own", "allowed", await get(own));
      this.add("get item", "a row of the other's", "refused", await get(other));
      const scan = await attempt(() => client.send(new ScanCommand({ TableName })));
      this.add("scan", "the whole table", "refused", scan);
      client.destroy();
    }
  }

  /** Gets new credentials without anybody being asked anything. */
  async renew(): Promise<void> {
    const before = await this.person.credentials();
    await this.person.letAnHourPass();
    const after = await this.person.credentials();
    const keys = [before, after].map((found) => (typeof found === "string" ? undefined : found.accessKeyId));
    const verdict: Verdict =
      keys[1] === undefined || keys[1] === keys[0]
        ? { by: COGNITO, outcome: "failed", why: String(after) }
        : { by: COGNITO, outcome: "allowed", why: "" };
    this.add("renew", "credentials that have expired, without a sign-in", "allowed", verdict);
  }

  /** From then on nothing that another machine keeps is renewed. */
  async signOutEverywhere(elsewhere: string): Promise<void> {
    const other = await this.person.atAnotherMachine(elsewhere);
    this.record("sign out", "everywhere", "allowed", await this.person.user(`logout --everywhere ${PROFILE_OPTION}`));
    await other.letAnHourPass();
    const credentials = await other.credentials();
    const verdict: Verdict =
      typeof credentials === "string"
        ? { by: COGNITO, outcome: "refused", why: sentenceIn(credentials) }
        : { by: COGNITO, outcome: "allowed", why: "" };
    this.add("renew", "at another machine, after that", "refused", verdict);
  }

  private record(operation: string, where: string, expected: CheckRow["expected"], ended: Ended): void {
    const said = sentenceIn(ended.stderr);
    const outcome = ended.code === 0 ? "allowed" : ended.code === REFUSED ? "refused" : "failed";
    this.add(operation, where, expected, { by: COGNITO, outcome, why: outcome === "allowed" ? "" : said });
  }

  private add(operation: string, where: string, expected: CheckRow["expected"], verdict: Verdict): void {
    this.rows.push({ subject: this.person.name, operation, where, expected, verdicts: [verdict] });
  }
}

/** What `oidc-s3` says is wrong, without what to do about it. */
function sentenceIn(stderr: string): string {
  return /^oidc-s3: (.+)$/m.exec(stderr)?.[1] ?? "";
}

const COGNITO = "Cognito";
const BY_POLICY = "policy evaluation";
const PHONE = "+15555550100";
/** What `oidc-s3 user mfa enrol` says to who cannot scan the code. */
const SECRET = /type this there: ([A-Z2-7 ]+)\n/;
