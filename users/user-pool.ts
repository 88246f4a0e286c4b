import { type CognitoIdentityProviderClient, paginateListUserPools } from "@aws-sdk/client-cognito-identity-provider";

/** What an administrator's command asks for cannot be done; the message says why and what to do. */
export class UsersError extends Error {
  override readonly name = "UsersError";
}

/**
 * The id of the user pool that the layer has deployed, by its name: names are not unique at Cognito.
 * @throws {UsersError} where there is none, or where several have the name.
 */
export async function userPoolId(
  cognito: CognitoIdentityProviderClient,
  { name, environment }: { readonly name: string; readonly environment: string },
): Promise<string> {
  const ids: string[] = [];
  // Cognito gives 60 at most in one answer.
  for await (const { UserPools = [] } of paginateListUserPools({ client: cognito, pageSize: 60 }, { MaxResults: 60 }))
    ids.push(...UserPools.flatMap(({ Id, Name }) => (Name === name && Id !== undefined ? [Id] : [])));
  const [id, ...more] = ids;
  if (id !== undefined && more.length === 0) return id;
  const region = await cognito.config.region();
  throw new UsersError(
    id === undefined
      ? `there is no user pool ${name} in ${region}: deploy it (npx cdktf deploy users-${environment}), or see whose credentials these are (npm run check-aws -- ${environment})`
      : `${ids.length} user pools in ${region} are called ${name}: name one by --user-pool-id, ${ids.join(" or ")}`,
  );
}
