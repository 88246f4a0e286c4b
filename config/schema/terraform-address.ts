import { addressName } from "../../access/names";

/** A name as all of what follows the type in a Terraform address, where no digit may stand first; different names may give one. */
export function wholeAddressName(name: string): string {
  return addressName(name).replace(/^(?![A-Za-z_])/, "_");
}

/** The end of the address of a user's membership in a group, made of the ends of theirs; different pairs may give one. */
export function memberAddress(userAddress: string, groupAddress: string): string {
  return `${userAddress}_${groupAddress}`;
}
