import { addressName } from "../../access/names";

/** A name as all of what follows the type in a Terraform address, where no digit may stand first; different names may give one. */
export function wholeAddressName(name: string): string {
  return addressName(name).replace(/^(?![A-Za-z_])/, "_");
}
