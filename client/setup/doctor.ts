import { secretFingerprint } from "../../terminal/secret-fingerprint";
import { ClientError, EXIT_CODES, SettingsError, UnavailableError } from "../core/errors";
import type { AccessToken } from "../credentials/access-token";
import { requestToken } from "../credentials/token";
import { mismatches, type VendedCredentials } from "../credentials/vended";
import { vendCredentials } from "../credentials/vending";
import { clientSources, regionMismatch, settingPlace, tokenEndpointPlace } from "../settings/places";
import type { Settings } from "../settings/settings";
import { createS3Client, s3Address } from "../transfer/s3-client";
import { type CheckResult, type Passed, runChecks } from "./checks";
import { type Probe, probeReading, probeWriting, reach } from "./probes";

export interface DoctorOptions {
  /** Called by the first check. */
  readonly loadSettings: (note: (message: string) => void) => Settings;
  /** What is wrong with profiles in the AWS config that this program wrote. */
  readonly brokenProfiles: () => readonly string[];
  readonly writeTest: boolean;
  readonly signal: AbortSignal;
  /** Called with each result as it comes. */
  readonly report: (result: CheckResult) => void;
}

/** Checks all that a request needs, with nothing from the cache, and says what to do about the first that fails. */
export async function examine({
  loadSettings,
  brokenProfiles,
  writeTest,
  signal,
  report,
}: DoctorOptions): Promise<CheckResult[]> {
  let settings!: Settings;
  let token!: AccessToken;
  let credentials!: VendedCredentials;
  return runChecks(
    {
      settings: async (note) => {
        for (const broken of brokenProfiles()) note(broken);
        settings = loadSettings(note);
        return { detail: await describe(settings), notes: notesOn(settings) };
      },
      "token endpoint": () =>
        reach({ address: settings.tokenEndpoint, place: tokenEndpointPlace(settings) }, settings.network, signal),
      token: async () => {
        token = await requestToken(settings, undefined, { signal }).catch((error) => {
          throw withRegion(error, settings);
        });
        return describeToken(token, settings);
      },
      "vending API": () =>
        reach(
          { address: settings.credentialApiUrl, place: settingPlace(settings, "credentialApiUrl") },
          settings.network,
          signal,
        ),
      credentials: async () => {
        credentials = await vendCredentials(settings, token, { signal });
        const seconds = Math.round((credentials.expiration.getTime() - Date.now()) / 1000);
        return { detail: `for ${seconds} s, ${credentials.accessKeyId}` };
      },
      prefix: async () => {
        requireSamePlace(settings, credentials);
        return probe(settings, credentials, { writeTest, signal });
      },
    },
    report,
  );
}

async function describe({ clientId, clientSecret, sources, prefix, bucket }: Settings): Promise<string> {
  const place = bucket && prefix ? `s3://${bucket}/${prefix}` : "bucket and prefix as the vending API says";
  return [
    `${place}, as client ${clientId}`,
    ...clientSources(sources).map((where) => where.join(" from ")),
    `its secret has the fingerprint ${await secretFingerprint(clientSecret.reveal())}`,
  ].join("\n");
}

function notesOn(settings: Settings): string[] {
  const region = regionMismatch(settings);
  const { s3Endpoint, s3EndpointPlace } = settings;
  return [
    ...(region === undefined ? [] : [region]),
    ...(s3Endpoint === undefined ? [] : [`S3 is at ${s3Endpoint}, by ${s3EndpointPlace}`]),
  ];
}

/** A wrong region makes the token endpoint's address that of somebody else, or of nobody. */
function withRegion(error: unknown, settings: Settings): unknown {
  const mismatch = settings.sources.tokenEndpoint === undefined ? regionMismatch(settings) : undefined;
  if (mismatch === undefined || !(error instanceof UnavailableError) || error.code !== "unexpected_answer")
    return error;
  return new ClientError(error.message, "wrong_region", error.exitCode, {
    cause: error,
    remedy: `Correct the region: ${mismatch}`,
  });
}

function describeToken({ scopes, lifeSeconds }: AccessToken, settings: Settings): Passed {
  if (scopes === undefined) return { detail: `for ${lifeSeconds} s`, notes: ["what it allows cannot be read from it"] };
  if (scopes.length > 0) return { detail: `for ${lifeSeconds} s, allows ${scopes.join(", ")}` };
  throw new SettingsError([`the token allows nothing of the resource server ${settings.resourceServer}`], {
    remedy: `Check ${settingPlace(settings, "resourceServer")}; ask the platform team which scopes this server was onboarded with`,
  });
}

function requireSamePlace(settings: Settings, credentials: VendedCredentials): void {
  const faults = mismatches(settings, credentials);
  if (faults.length > 0) {
    throw new SettingsError(faults, {
      remedy: "Correct the settings, or ask the platform team for this server's file anew",
    });
  }
}

async function probe(
  settings: Settings,
  credentials: VendedCredentials,
  { writeTest, signal }: Pick<DoctorOptions, "writeTest" | "signal">,
): Promise<Passed> {
  const { bucket, prefix, region, scopes = [] } = credentials;
  const s3 = createS3Client({ region, endpoint: settings.s3Endpoint, network: settings.network, credentials });
  const asked: Probe = { s3, bucket, prefix, scopes, signal, endpoint: s3Address(settings, region) };
  try {
    const learnt = [await probeReading(asked)];
    if (writeTest && !scopes.includes("write")) {
      throw new ClientError("this server may not write", "scope_not_allowed", EXIT_CODES.refused, {
        remedy: "Leave out --write-test, or ask the platform team for the scope",
      });
    }
    if (writeTest) learnt.push(await probeWriting(asked));
    const notes =
      writeTest || !scopes.includes("write") ? [] : ["writing was not tried: --write-test does, and leaves nothing"];
    return { detail: `s3://${bucket}/${prefix}: ${learnt.join("; ")}`, notes };
  } finally {
    s3.destroy();
  }
}
