import { ISSUER } from "../../access/people";
import { identityContext, trustsIdentity, type WebIdentity } from "../../iam/web-identity";
import { blocksOf, type Deployment, type Resource } from "./deployment";
import { listed, type Policy } from "./policies";
import { type Principal, type Roles, sessionArn, tokenMinutes } from "./roles";
import type { Walked } from "./servers";

/** The identity of whoever asks, and somebody else's: stand-ins, as the account is. No prefix may hold a $. */
export const OWN_IDENTITY = "$own-identity-id";
export const OTHER_IDENTITY = "$identity-id-of-another";
const ENHANCED_FLOW_SECONDS = 3600;

/** Who may have a role of an identity pool. */
interface Persona {
  readonly kind: "group" | "signed in" | "guests";
  readonly name: string;
  readonly role: Resource;
  readonly arn: string;
}

/** Group ▶ role, for every group of every identity pool, everybody else who signs in, and guests. */
export async function walkPeople(deployment: Deployment, roles: Roles): Promise<Walked> {
  const principals: Principal[] = [];
  const found: Resource[] = [];
  const faults: string[] = [];
  for (const attachment of deployment.resources("aws_cognito_identity_pool_roles_attachment")) {
    const poolId = deployment.text(attachment, "identity_pool_id") ?? "";
    const pool = deployment.resources("aws_cognito_identity_pool").find((each) => deployment.id(each) === poolId);
    if (pool === undefined) throw new Error(`roles are attached to the identity pool ${poolId}, which no layer makes`);
    const personas = personasOf(deployment, roles, attachment);
    const tags = tagsOf(deployment, poolId);
    const client = clientOf(deployment, pool);
    for (const persona of personas) {
      const { kind, name, arn, role } = persona;
      found.push(role);
      const who = { aud: poolId, ...identityOf(persona, tags, client && deployment.id(client)) };
      const trusts = (one: WebIdentity) => trustsIdentity({ arn, trustPolicy: roles.trustOf(role) }, one, "person");
      if (!(await trusts(who))) {
        faults.push(`${described(persona)}: the role ${roles.nameOf(role)} does not trust them`);
        continue;
      }
      const strangers = roles.trusted(role).filter((trusted) => trusted !== ISSUER);
      if (strangers.length > 0) faults.push(`${described(persona)}: the role trusts ${strangers.join(", ")} too`);
      if (await trusts({ ...who, aud: "another-identity-pool" }))
        faults.push(`${described(persona)}: the role trusts every identity pool`);
      for (const other of poolsNamed(roles.trustOf(role)).filter((named) => named !== poolId))
        faults.push(`${described(persona)}: the role names the identity pool ${other} too`);
      if (kind !== "guests" && (await trusts({ ...who, amr: ["unauthenticated"] })))
        faults.push(`${described(persona)}: the role trusts guests too`);
      // In the basic flow people name the role themselves.
      const basicFlow = pool.attributes.allow_classic_flow === true;
      for (const other of basicFlow ? personas.filter((each) => each !== persona) : []) {
        const stranger = { aud: poolId, ...identityOf(other, tags, client && deployment.id(client)) };
        if (await trusts(stranger)) {
          faults.push(`${described(other)} may take the role of ${described(persona)} too, by the basic flow`);
        }
      }
      principals.push({
        kind,
        name,
        arn: sessionArn(arn, "person"),
        policies: roles.policiesOf(role),
        context: {
          ...identityContext(who),
          ...Object.fromEntries(Object.entries(who.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
        },
        credentials: {
          seconds: basicFlow ? roles.maxSeconds(role) : Math.min(roles.maxSeconds(role), ENHANCED_FLOW_SECONDS),
          ...(kind === "guests" || client === undefined ? {} : { token: tokenOf(deployment, client) }),
        },
      });
    }
  }
  return { principals, roles: found, faults };
}

/** Somebody, as reports name them. */
export function described({ kind, name }: Pick<Principal, "kind" | "name">): string {
  if (kind === "signed in") return "signed-in users without a group role";
  if (kind === "guests") return "guests (not signed in)";
  if (kind === "operators") return "operators (with fleet_operator_policy)";
  if (kind === "vending function") return `the vending function (role ${name})`;
  return `${kind} ${name}`;
}

function personasOf(deployment: Deployment, roles: Roles, attachment: Resource): Persona[] {
  const persona = (kind: Persona["kind"], name: string, arn: string): Persona => {
    const role = roles.find(arn);
    if (role === undefined) throw new Error(`${described({ kind, name })} have the role ${arn}, which no layer makes`);
    return { kind, name, role, arn };
  };
  const groups = deployment.resources("aws_cognito_user_group").flatMap((group) => {
    const arn = deployment.text(group, "role_arn");
    return arn === undefined ? [] : [persona("group", deployment.text(group, "name") ?? group.name, arn)];
  });
  const attached = (attachment.attributes.roles ?? {}) as Readonly<Record<string, string>>;
  const others = Object.entries(attached).map(([whose, arn]) =>
    persona(whose === "authenticated" ? "signed in" : "guests", "", deployment.filledIn(arn, attachment.layer)),
  );
  return [...groups, ...others];
}

/** The tags that sessions get from claims, by the claims. */
function tagsOf(deployment: Deployment, poolId: string): readonly (readonly [claim: string, tag: string])[] {
  const ofPool = deployment
    .resources("aws_cognito_identity_pool_provider_principal_tag")
    .filter((each) => deployment.text(each, "identity_pool_id") === poolId);
  return ofPool.flatMap(({ attributes }) =>
    Object.entries((attributes.principal_tags ?? {}) as Record<string, string>).map(
      ([tag, claim]) => [claim, tag] as const,
    ),
  );
}

function identityOf({ kind, arn }: Persona, tags: ReturnType<typeof tagsOf>, clientId: string | undefined) {
  const claims: Readonly<Record<string, string | undefined>> = {
    "cognito:preferred_role": kind === "group" ? arn : undefined,
    aud: kind === "guests" ? undefined : clientId,
  };
  const given = tags.flatMap(([claim, tag]) => {
    const value = claims[claim];
    return value === undefined ? [] : [[tag, value] as const];
  });
  return {
    sub: OWN_IDENTITY,
    amr: [kind === "guests" ? "unauthenticated" : "authenticated"],
    tags: Object.fromEntries(given),
  };
}

function clientOf(deployment: Deployment, pool: Resource): Resource | undefined {
  const [provider] = blocksOf(pool, "cognito_identity_providers");
  const id = deployment.filledIn(String(provider?.client_id ?? ""), pool.layer);
  return deployment.resources("aws_cognito_user_pool_client").find((each) => deployment.id(each) === id);
}

function tokenOf(deployment: Deployment, client: Resource) {
  const name = deployment.text(client, "name") ?? client.name;
  const days = tokenMinutes(client, "refresh_token") / 1440;
  const token = { kind: "ID token" as const, client: name, minutes: tokenMinutes(client, "id_token") };
  return isRenewed(client) ? { ...token, refreshDays: days } : token;
}

/** By either of the two ways that Cognito has: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html */
function isRenewed(client: Resource): boolean {
  const [rotation] = blocksOf(client, "refresh_token_rotation");
  const flows = (client.attributes.explicit_auth_flows ?? []) as readonly string[];
  return rotation?.feature === "ENABLED" || flows.includes("ALLOW_REFRESH_TOKEN_AUTH");
}

/** The identity pools that a trust policy names, under any condition. */
function poolsNamed({ Statement }: Policy["document"]): string[] {
  const conditions = Statement.flatMap(({ Condition = {} }) => Object.values(Condition));
  return conditions.flatMap((keys) =>
    Object.entries(keys).flatMap(([key, values]) => (key.toLowerCase() === `${ISSUER}:aud` ? listed(values) : [])),
  );
}
