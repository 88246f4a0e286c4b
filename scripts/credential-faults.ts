/** Why AWS does not say whose credentials these are, and what to do about it. */
export interface CredentialFault {
  /** AWS's own name for it, or the SDK's. */
  readonly code: string;
  readonly fault: string;
  readonly remedies: readonly string[];
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** The SDK's marks of the providers that had a part in it. */
  readonly $source?: Readonly<Record<string, string>>;
}

interface Circumstances {
  readonly region: string;
  readonly profile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Undefined where there were no credentials to ask with. */
  readonly found?: Credentials;
  readonly source?: string | undefined;
}

type Told = Omit<CredentialFault, "code">;

/** Codes of STS: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
const REFUSALS: readonly (readonly [code: RegExp, told: (circumstances: Circumstances, message: string) => Told])[] = [
  [/^(InvalidClientTokenId|UnrecognizedClientException)$/, unknownKey],
  [/^(ExpiredToken|ExpiredTokenException|RequestExpired)$/, expired],
  [/^(SignatureDoesNotMatch|InvalidSignatureException|RequestTimeTooSkewed)$/, wrongSignature],
  [
    /^(IncompleteSignature|MissingAuthenticationToken|MissingAuthenticationTokenException|ERR_INVALID_CHAR)$/,
    malformed,
  ],
  [/^(RegionDisabledException|OptInRequired)$/, regionOff],
  [/^AccessDenied(Exception)?$/, denied],
  [/^(ENOTFOUND|EAI_AGAIN)$/, noSuchHost],
  [
    /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+)$/,
    unreachable,
  ],
  [/^(CredentialsProviderError|TokenProviderError|ProviderError)$/, noCredentials],
];

/** What an error of the SDK means. No value of a credential is in the text but the access key's id. */
export function credentialFault(error: unknown, circumstances: Circumstances): CredentialFault {
  const { name, code, message } = error as Error & { code?: unknown };
  const known = typeof code === "string" ? code : name;
  const told = REFUSALS.find(([pattern]) => pattern.test(known))?.[1];
  const clean = scrub(message, circumstances.found);
  return {
    code: known,
    ...(told?.(circumstances, clean) ?? { fault: clean, remedies: ["Look the code up in AWS's documentation of STS"] }),
  };
}

function unknownKey({ found, source, region }: Circumstances): Told {
  const temporary = found?.accessKeyId.startsWith("ASIA");
  return {
    fault: `AWS knows no access key ${found?.accessKeyId}, from ${source}`,
    remedies: [
      ...oddities(found),
      ...(temporary && !found?.sessionToken
        ? ["The key is a temporary one, and its session token is missing: set AWS_SESSION_TOKEN too"]
        : []),
      "Is it the key that you mean? Variables of the environment go before profiles: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
      "Look whether the key was deleted or turned off (IAM console, the user, Security credentials), and run aws configure with a new one",
      `A region that is not turned on in the account says the same (Account settings, Regions: is ${region} on?), and so does a key of another partition, China or GovCloud`,
    ],
  };
}

function expired({ source }: Circumstances): Told {
  return {
    fault: `the temporary credentials from ${source} have expired`,
    remedies: [
      "Get new ones as you got these: aws sso login, aws sts assume-role, or your company's tool",
      "Where old ones stand in the environment, take them out: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    ],
  };
}

function wrongSignature({ found, source }: Circumstances, message: string): Told {
  const clock = /expired|earlier than|later than|too skewed/i.test(message);
  if (clock) {
    return {
      fault: `AWS refuses this machine's clock: ${message}`,
      remedies: ["Set the clock: timedatectl, chronyc tracking. In a virtual machine, also after it slept"],
    };
  }
  return {
    fault: `the secret access key from ${source} is not that of ${found?.accessKeyId}`,
    remedies: [
      ...oddities(found),
      "Id and secret must be from one place: look for one of the two in the environment and the other in a file",
      "Copy the secret anew, with aws configure: a / or + at its end is easily lost. AWS shows it once: make a new key where you have none",
    ],
  };
}

function malformed({ found, source }: Circumstances, message: string): Told {
  return {
    fault: `the credentials from ${source ?? "the usual places"} have not the form of any: ${message}`,
    remedies: [...oddities(found), "Write id and secret anew, without quotes, blanks or line ends: aws configure"],
  };
}

function regionOff({ region }: Circumstances): Told {
  return {
    fault: `the region ${region} is not turned on in this account`,
    remedies: ["Turn it on (Account settings, Regions), or set another aws_region in the environment's file"],
  };
}

function denied(_: Circumstances, message: string): Told {
  return {
    fault: message,
    remedies: [
      "Whose keys these are needs no permission: a role that the profile assumes is what was refused. Ask for its trust policy to name you, and check role_arn and external_id in ~/.aws/config",
    ],
  };
}

function noSuchHost({ region, env }: Circumstances, message: string): Told {
  return {
    fault: `there is no host to ask in ${region}: ${message}`,
    remedies: [
      ...endpoints(env),
      `Is ${region} a region? aws_region of the environment's file, or AWS_REGION, has a typing error perhaps`,
      "Then check this machine's DNS and network",
    ],
  };
}

function unreachable({ env }: Circumstances, message: string): Told {
  const proxy = env.HTTPS_PROXY ?? env.https_proxy;
  return {
    fault: `AWS cannot be reached: ${message}`,
    remedies: [
      ...endpoints(env),
      ...(proxy
        ? [
            "This asks AWS without the proxy of HTTPS_PROXY; Terraform takes it. Allow the connection, or try aws sts get-caller-identity",
          ]
        : []),
      "Check the firewall; where a proxy inspects TLS, name its CA certificate by NODE_EXTRA_CA_CERTS",
    ],
  };
}

function noCredentials({ profile, env }: Circumstances, message: string): Told {
  if (/sso|token/i.test(message))
    return { fault: message, remedies: [`aws sso login${named(profile ?? env.AWS_PROFILE)}, then try again`] };
  const name = profile ?? env.AWS_PROFILE;
  return {
    fault: `there are no credentials: ${message}`,
    remedies: [
      ...(name
        ? [`Is there a profile ${name} in ~/.aws/config or ~/.aws/credentials? aws configure list-profiles shows all`]
        : []),
      ...(env.AWS_ACCESS_KEY_ID && !env.AWS_SECRET_ACCESS_KEY
        ? ["AWS_SECRET_ACCESS_KEY is missing beside AWS_ACCESS_KEY_ID"]
        : []),
      `aws configure${named(name)} for keys of a user, aws configure sso for IAM Identity Center`,
      "Or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) in this shell, exported",
    ],
  };
}

function named(profile: string | undefined): string {
  return profile ? ` --profile ${profile}` : "";
}

/** What has been copied with too much. */
function oddities(found: Credentials | undefined): string[] {
  if (found === undefined) return [];
  const values = {
    "access key id": found.accessKeyId,
    "secret access key": found.secretAccessKey,
    "session token": found.sessionToken,
  };
  return Object.entries(values).flatMap(([name, value = ""]) => {
    if (/\s/.test(value)) return [`The ${name} holds a blank or a line end: write it anew`];
    return /^["']|["']$/.test(value) ? [`The ${name} has quotes that are a part of it: take them out`] : [];
  });
}

function endpoints(env: NodeJS.ProcessEnv): string[] {
  return ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"].flatMap((name) =>
    env[name] ? [`${name} is ${env[name]}: unset it, unless that is what you mean to ask`] : [],
  );
}

function scrub(text: string, found: Credentials | undefined): string {
  const secrets = [found?.secretAccessKey, found?.sessionToken].filter(
    (secret) => secret !== undefined && secret !== "",
  );
  return (
    secrets.reduce<string>((clean, secret) => clean.replaceAll(secret ?? "", "[redacted]"), text).split("\n")[0] ?? ""
  );
}
