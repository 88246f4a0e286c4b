import { type AccessRequest, type Decision, evaluate } from "../../iam/evaluate";
import { ACCOUNT, blocksOf, type Deployment, type Resource } from "./deployment";
import { listed, type Policy, parsePolicy } from "./policies";

/** Somebody who may have AWS credentials by these stacks. */
export interface Principal {
  readonly kind: "server" | "group" | "signed in" | "guests" | "vending function" | "role" | "operators";
  /** Of a server, a group or a role. */
  readonly name: string;
  /** Of the sessions, as IAM sees them. */
  readonly arn: string;
  readonly policies: readonly Policy[];
  /** What a session may do at most, where whoever opens it says so. */
  readonly sessionPolicy?: Policy["document"];
  /** What IAM knows of each request of the sessions. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly credentials?: Credentials;
}

export interface Credentials {
  /** How long they live at most. */
  readonly seconds: number;
  /** What they are had for; missing where they are had for nothing. */
  readonly token?: {
    readonly kind: "access token" | "ID token";
    readonly client: string;
    readonly minutes: number;
    /** For how long new ones are had without signing in again. */
    readonly refreshDays?: number;
    readonly scopes?: readonly string[];
  };
}

/**
 * What IAM would answer a principal.
 * @throws {Error} where IAM would reject his policies or the question as invalid
 */
export async function decide(
  { arn, policies, sessionPolicy, context }: Principal,
  question: AccessRequest & { readonly resourcePolicy?: Policy["document"] | undefined },
): Promise<Decision> {
  try {
    return await evaluate({
      principal: arn,
      accountId: ACCOUNT,
      action: question.action,
      resource: question.resource,
      context: { ...context, ...question.context },
      identityPolicies: policies.map(({ name, document }) => ({ name, policy: document })),
      ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
      ...(question.resourcePolicy === undefined ? {} : { resourcePolicy: question.resourcePolicy }),
    });
  } catch (error) {
    throw new Error(`the policies of ${arn}: ${(error as Error).message}`, { cause: error });
  }
}

/** The roles of an environment with their policies. */
export class Roles {
  private readonly policies = new Map<string, Policy[]>();
  private readonly byArn: ReadonlyMap<string, Resource>;
  /** What cannot be read from the stacks, in words. */
  readonly unread: readonly string[];

  constructor(private readonly deployment: Deployment) {
    const roles = deployment.resources("aws_iam_role");
    this.byArn = new Map(roles.map((role) => [deployment.arn(role), role]));
    for (const each of deployment.resources("aws_iam_role_policy")) {
      const role = deployment.text(each, "role") ?? "";
      const name = deployment.text(each, "name") ?? each.name;
      const policy = parsePolicy(name, deployment.text(each, "policy") ?? "");
      this.policies.set(role, [...(this.policies.get(role) ?? []), policy]);
    }
    const attached = deployment.resources("aws_iam_role_policy_attachment").map((each) => {
      const [role, arn] = [deployment.text(each, "role"), deployment.text(each, "policy_arn")];
      return `what ${arn} allows the role ${role}: its text is AWS's`;
    });
    const bounds = new Set(roles.flatMap((role) => deployment.text(role, "permissions_boundary") ?? []));
    this.unread = [
      ...attached,
      ...[...bounds].map((arn) => `the permissions boundary ${arn}, which can only take away`),
    ];
  }

  all(): readonly Resource[] {
    return [...this.byArn.values()];
  }

  find(arn: string): Resource | undefined {
    return this.byArn.get(arn);
  }

  nameOf(role: Resource): string {
    return this.deployment.text(role, "name") ?? role.name;
  }

  policiesOf(role: Resource): readonly Policy[] {
    return this.policies.get(this.nameOf(role)) ?? [];
  }

  /** Whoever has a role, by no way that servers or people go. */
  principal(role: Resource, kind: "role" | "vending function" = "role"): Principal {
    const name = this.nameOf(role);
    const arn = sessionArn(this.deployment.arn(role), "session");
    return { kind, name, arn, policies: this.policiesOf(role), context: {} };
  }

  trustOf(role: Resource): Policy["document"] {
    return parsePolicy(role.name, this.deployment.text(role, "assume_role_policy") ?? "").document;
  }

  /** Everybody whom the trust policy names: ARNs, services, providers. */
  trusted(role: Resource): readonly string[] {
    const allowing = this.trustOf(role).Statement.filter(({ Effect }) => Effect === "Allow");
    return allowing.flatMap(({ Principal, NotPrincipal }) =>
      NotPrincipal !== undefined
        ? [`everybody but ${JSON.stringify(NotPrincipal)}`]
        : typeof Principal === "object" && Principal !== null
          ? Object.values(Principal as Record<string, string | readonly string[]>).flatMap(listed)
          : [String(Principal)],
    );
  }

  /** The condition keys of a request that is about a role. */
  tagContext(role: Resource): Readonly<Record<string, string>> {
    const tags = { ...this.deployment.defaultTags(role.layer), ...(role.attributes.tags as Record<string, string>) };
    return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`iam:ResourceTag/${key}`, value]));
  }

  maxSeconds(role: Resource): number {
    return Number(role.attributes.max_session_duration ?? 3600);
  }
}

const UNIT_MINUTES: Readonly<Record<string, number>> = { seconds: 1 / 60, minutes: 1, hours: 60, days: 1440 };

/** Cognito's: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html */
const DEFAULTS = {
  access_token: { validity: 1, unit: "hours" },
  id_token: { validity: 1, unit: "hours" },
  refresh_token: { validity: 30, unit: "days" },
};

/** How many minutes a client's tokens are valid, by the client's own units. */
export function tokenMinutes(client: Resource, token: "access_token" | "id_token" | "refresh_token"): number {
  const { attributes } = client;
  const [units] = blocksOf(client, "token_validity_units");
  const { validity, unit } = DEFAULTS[token];
  return (
    Number(attributes[`${token}_validity`] ?? validity) * (UNIT_MINUTES[String(units?.[token] ?? unit)] ?? Number.NaN)
  );
}

/** A session of a role, as IAM names it. */
export function sessionArn(roleArn: string, session: string): string {
  const role = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  return `arn:aws:sts::${roleArn.split(":")[4]}:assumed-role/${role}/${session}`;
}
