import type { Environment } from "./settings-sources";

const KINDS = {
  cache: { variable: "XDG_CACHE_HOME", inHome: ".cache", ofService: "CACHE_DIRECTORY" },
  state: { variable: "XDG_STATE_HOME", inHome: ".local/state", ofService: "STATE_DIRECTORY" },
  config: { variable: "XDG_CONFIG_HOME", inHome: ".config", ofService: "CONFIGURATION_DIRECTORY" },
} as const;

/**
 * Where the XDG rules put this user's files of a kind: $XDG_…_HOME, else a folder of the home, else what systemd gives a
 * service without a home. Undefined where there is none of these.
 */
export function ownFolder(env: Environment, kind: keyof typeof KINDS): string | undefined {
  const { variable, inHome, ofService } = KINDS[kind];
  const base =
    absolute(env[variable]) ??
    (absolute(env.HOME) ? `${env.HOME}/${inHome}` : undefined) ??
    absolute(env[ofService]?.split(":")[0]);
  return base === undefined ? undefined : `${base}/oidc-s3`;
}

/** The XDG rules say to ignore a path that is not absolute; systemd gives services without a home "/" as theirs. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") && path !== "/" ? path : undefined;
}
