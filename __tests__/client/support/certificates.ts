import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The file of the certificate, for settings that name one. */
  readonly file: string;
}

/** A certificate for 127.0.0.1 that no CA has signed, made by openssl, which has to be on the machine. */
export function selfSignedCertificate(folder: string): Certificate {
  const key = join(folder, "key.pem");
  const file = join(folder, "cert.pem");
  const names = ["-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1,DNS:vending.test,DNS:*.vending.test"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      file,
      ...names,
    ],
    { stdio: "pipe" },
  );
  return { key: readFileSync(key, "utf8"), cert: readFileSync(file, "utf8"), file };
}
