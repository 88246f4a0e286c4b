import { MAX_ROLE_NAME_CHARACTERS, uploadsBucketName, vendingName } from "../../access/names";
import type { Fault } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

const ACCOUNT_ID = "<account>";
const ACCOUNT_ID_DIGITS = 12;
const MAX_NAME = 63;
// Cognito refuses a domain that looks like one of AWS's own.
const RESERVED_IN_DOMAINS = ["aws", "amazon", "cognito"];
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const RESERVED_BUCKET_STARTS = ["xn--", "sthree-", "amzn-s3-demo-"];

/** What AWS would refuse of the names that are made of project and environment: too long, or reserved. */
export function resourceNameFaults(
  source: SourceFile,
  projectName: string,
  environment: string,
  createsBucket: boolean,
): Fault[] {
  const stem = `${projectName}-${environment}`;
  const faults: Fault[] = [];
  const refuse = (message: string, remedy: string) =>
    faults.push(faultAt(source, ["project_name"], { message, remedy }, projectName));
  const shorten = (what: string, name: string, length: number, most: number) => {
    if (length <= most) return;
    refuse(
      `gives ${what} of ${length} characters, "${name}", and AWS allows ${most}`,
      `shorten the project's name, or the environment's, by ${length - most}`,
    );
  };

  const domain = `${stem}-${ACCOUNT_ID}`;
  shorten("a Cognito domain", domain, domain.length - ACCOUNT_ID.length + ACCOUNT_ID_DIGITS, MAX_NAME);
  const role = vendingName({ projectName, environment });
  shorten("a Lambda function and role", role, role.length, MAX_ROLE_NAME_CHARACTERS);
  for (const word of RESERVED_IN_DOMAINS) {
    if (stem.includes(word)) {
      refuse(`gives the Cognito domain "${domain}", which may not hold "${word}"`, "rename the project or environment");
    }
  }
  if (createsBucket) {
    const bucket = uploadsBucketName({ projectName, environment });
    shorten("a bucket", bucket, bucket.length, MAX_NAME);
    for (const start of RESERVED_BUCKET_STARTS) {
      if (bucket.startsWith(start)) refuse(`gives a bucket name that begins with "${start}"`, "rename the project");
    }
  }
  return faults;
}
