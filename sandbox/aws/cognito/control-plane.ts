import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../../process/loopback-server";
import { sendWhole, type Upstream, type WholeAnswer } from "../upstream";
import type { ClientSecrets } from "./client-secrets";
import { CognitoFault, type Json } from "./fault";
import type { IdentityPoolRoles, IdentityPools } from "./identity-pools";
import { UserPools } from "./user-pools";

const MAX_CALL_BYTES = 1024 * 1024;
const USER_POOLS = "AWSCognitoIdentityProviderService.";
const IDENTITY_POOLS = "AWSCognitoIdentityService.";

/** https://docs.aws.amazon.com/cognito/latest/developerguide/provider-mappings.html: of user pools. */
const DEFAULT_TAGS = { username: "sub", client: "aud" };

/** Asks the emulator, with this body in the place of the request's, and where it is named another operation. */
type Ask = (body: Json, operation?: string) => Promise<Json>;
type Call = (body: Json, ask: Ask) => Promise<Json> | Json;

/**
 * Cognito's administration, as far as the emulator lacks or forgets it: without these calls Terraform could not deploy
 * people's sign-in, or would plan to replace it.
 */
export class CognitoControlPlane {
  private readonly userPools = new UserPools();
  private readonly calls: ReadonlyMap<string, Call>;

  constructor(
    private readonly upstream: Upstream,
    private readonly identityPools: IdentityPools,
    private readonly clientSecrets: ClientSecrets,
  ) {
    this.calls = new Map([
      ...Object.entries(this.userPoolCalls()).map(([name, call]) => [USER_POOLS + name, call] as const),
      ...Object.entries(this.identityPoolCalls()).map(([name, call]) => [IDENTITY_POOLS + name, call] as const),
    ]);
  }

  /** @returns whether the call is one of these, and was answered. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const call = this.calls.get(String(request.headers["x-amz-target"]));
    if (call === undefined) return false;
    const body = JSON.parse((await readBody(request, MAX_CALL_BYTES)).toString("utf8") || "{}") as Json;
    try {
      sendWhole(response, json(200, await call(body, (changed, other) => this.ask(request, changed, other))));
    } catch (error) {
      if (error instanceof RefusedByEmulator) sendWhole(response, error.answer);
      else if (error instanceof CognitoFault)
        sendWhole(response, json(400, { __type: error.type, message: error.message }));
      else throw error;
    }
    return true;
  }

  private async ask(request: IncomingMessage, body: Json, operation?: string): Promise<Json> {
    const target = { "x-amz-target": operation ?? request.headers["x-amz-target"] };
    const sent = Buffer.from(JSON.stringify(body));
    const answer = await this.upstream.exchange(request, sent, MAX_CALL_BYTES, Object.keys(target), target);
    if (answer.status !== 200) throw new RefusedByEmulator(answer);
    return JSON.parse(answer.body.toString("utf8") || "{}") as Json;
  }

  private userPoolCalls(): Record<string, Call> {
    const { userPools } = this;
    return {
      CreateUserPool: async (body, ask) => {
        const answer = await ask(body);
        userPools.put(String((answer.UserPool as Json).Id), body);
        return answer;
      },
      UpdateUserPool: async (body, ask) => {
        const id = String(body.UserPoolId);
        const completed = userPools.completed(id, body);
        const answer = await ask(completed);
        userPools.put(id, completed);
        return answer;
      },
      DeleteUserPool: async (body, ask) => {
        const answer = await ask(body);
        userPools.delete(String(body.UserPoolId));
        return answer;
      },
      DescribeUserPool: async (body, ask) => ({ UserPool: userPools.described((await ask(body)).UserPool as Json) }),
      ...tagging((id, tags) => userPools.tag(id, tags)),
      CreateUserPoolDomain: (body, ask) => this.putDomain(body, ask),
      UpdateUserPoolDomain: (body, ask) => this.putDomain(body, ask),
      DeleteUserPoolDomain: async (body, ask) => {
        const answer = await ask(body);
        userPools.deleteDomain(String(body.Domain));
        return answer;
      },
      DescribeUserPoolDomain: async (body, ask) => ({
        DomainDescription: userPools.describedDomain(((await ask(body)).DomainDescription ?? {}) as Json),
      }),
      // Deleting a pool deletes its resource servers anyway.
      DeleteResourceServer: () => ({}),
      ...this.clientCalls(),
    };
  }

  private clientCalls(): Record<string, Call> {
    const { clientSecrets: secrets } = this;
    const described: Call = async (body, ask) => ({
      UserPoolClient: secrets.described((await ask(body)).UserPoolClient as Json),
    });
    const client = async ({ UserPoolId, ClientId }: Json, ask: Ask) =>
      (await ask({ UserPoolId, ClientId }, `${USER_POOLS}DescribeUserPoolClient`)).UserPoolClient as Json;
    return {
      DescribeUserPoolClient: described,
      UpdateUserPoolClient: described,
      AddUserPoolClientSecret: async (body, ask) => secrets.add(await client(body, ask), body.ClientSecret),
      ListUserPoolClientSecrets: async (body, ask) => secrets.list(await client(body, ask)),
      DeleteUserPoolClientSecret: async (body, ask) => secrets.delete(await client(body, ask), body.ClientSecretId),
    };
  }

  private async putDomain(body: Json, ask: Ask): Promise<Json> {
    const answer = await ask(body);
    this.userPools.putDomain(body);
    return answer;
  }

  private identityPoolCalls(): Record<string, Call> {
    const { identityPools: pools } = this;
    const put: Call = async (body, ask) => {
      const answer = await ask(body);
      pools.put(
        String(answer.IdentityPoolId),
        body.AllowClassicFlow === true,
        body.IdentityPoolTags as Json | undefined,
      );
      return pools.described(answer);
    };
    const id = (body: Json) => String(body.IdentityPoolId);
    const provider = (body: Json) => String(body.IdentityProviderName);
    const tags = (body: Json) => ({
      IdentityPoolId: id(body),
      IdentityProviderName: provider(body),
      UseDefaults: false,
      PrincipalTags: pools.principalTagsOf(id(body), provider(body)),
    });
    return {
      CreateIdentityPool: put,
      UpdateIdentityPool: put,
      DescribeIdentityPool: async (body, ask) => pools.described(await ask(body)),
      DeleteIdentityPool: async (body, ask) => {
        const answer = await ask(body);
        pools.delete(id(body));
        return answer;
      },
      ...tagging((id, tags) => pools.tag(id, tags)),
      SetIdentityPoolRoles: (body) => {
        pools.setRoles(id(body), body as Partial<IdentityPoolRoles>);
        return {};
      },
      GetIdentityPoolRoles: (body) => ({ IdentityPoolId: id(body), ...pools.rolesOf(id(body)) }),
      SetPrincipalTagAttributeMap: (body) => {
        const wanted = body.UseDefaults === true ? DEFAULT_TAGS : (body.PrincipalTags ?? {});
        pools.setPrincipalTags(id(body), provider(body), wanted as Record<string, string>);
        return tags(body);
      },
      GetPrincipalTagAttributeMap: tags,
    };
  }
}

/** The calls that change the tags of what an ARN's last part names. */
function tagging(
  change: (id: string, tags: Readonly<Record<string, string | undefined>>) => void,
): Record<string, Call> {
  const id = ({ ResourceArn }: Json) => String(ResourceArn).split("/").at(-1) ?? "";
  return {
    TagResource: (body) => {
      change(id(body), body.Tags as Record<string, string>);
      return {};
    },
    UntagResource: (body) => {
      change(id(body), Object.fromEntries((body.TagKeys as string[]).map((key) => [key, undefined])));
      return {};
    },
  };
}

class RefusedByEmulator extends Error {
  constructor(readonly answer: WholeAnswer) {
    super(`the emulator answered with ${answer.status}`);
  }
}

function json(status: number, body: Json): WholeAnswer {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: Buffer.from(JSON.stringify(body)) };
}
