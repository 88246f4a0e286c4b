import type { PeopleAtDomain } from "../../cognito/token-endpoint";
import type { People } from "../people";
import { AuthorizationCodes } from "./authorization-codes";
import { PeopleDomain } from "./people-domain";
import { PeopleGrants } from "./people-grants";

/** What the domain of a user pool serves to people. */
export function peopleAtDomain(people: People, poolId: string): PeopleAtDomain {
  const codes = new AuthorizationCodes(people.now);
  const pages = new PeopleDomain(poolId, people, codes);
  const grants = new PeopleGrants(people, codes);
  return {
    handle: (request, response) => pages.handle(request, response),
    grant: (kind, form, clientId) => grants.grant(kind, form, clientId),
    revoke: (form, clientId) => grants.revoke(form, clientId),
  };
}
