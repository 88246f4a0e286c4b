import { childEnvironment, forgetOtherAws } from "../../../sandbox/process/administrator";

describe("the environment of Terraform", () => {
  const parent = {
    PATH: "/bin",
    AWS_PROFILE: "production",
    AWS_SESSION_TOKEN: "token",
    AWS_ENDPOINT_URL_S3: "https://elsewhere",
    AWS_CA_BUNDLE: "/ca",
    TF_VAR_x: "1",
    TF_LOG: "TRACE",
    TF_WORKSPACE: "w",
    TF_CLI_ARGS: "-lock=false",
    TF_CLI_CONFIG_FILE: "/user.rc",
    CDKTF_OUTDIR: "elsewhere",
    NO_PROXY: "corp",
  };
  const env = childEnvironment(parent, {
    awsEndpoint: "http://127.0.0.1:1",
    region: "eu-west-1",
    environmentName: "local",
    environmentsFolder: "/environments",
    folder: "/run",
    providerVariables: { TF_CLI_CONFIG_FILE: "/run/terraform.rc" },
  });

  it("holds nothing that could lead to another AWS", () => {
    expect(
      Object.keys(env).filter((name) =>
        /^(AWS_PROFILE|AWS_SESSION|AWS_ENDPOINT_URL_|AWS_CA|TF_VAR|TF_W|TF_CLI_A)/.test(name),
      ),
    ).toEqual([]);
    expect(env).not.toHaveProperty("CDKTF_OUTDIR");
    expect(env).toMatchObject({
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
  });

  it("lets the provider write no log that Terraform drops", () => {
    expect(env).toMatchObject({ TF_LOG_SDK: "OFF", TF_LOG_PROVIDER_AWS: "OFF" });
    expect(env).not.toHaveProperty("TF_LOG");
  });

  it("keeps what the machine needs, and uses the mirror's configuration", () => {
    expect(env).toMatchObject({
      PATH: "/bin",
      TF_CLI_CONFIG_FILE: "/run/terraform.rc",
      NO_PROXY: "corp,127.0.0.1,localhost",
    });
  });
});

it("this process forgets every other AWS, and keeps the rest of its environment", () => {
  const env: NodeJS.ProcessEnv = {
    PATH: "/bin",
    HOME: "/home/me",
    TF_CLI_CONFIG_FILE: "/user.rc",
    AWS_PROFILE: "production",
    AWS_CONFIG_FILE: "/home/me/.aws/config",
    AWS_USE_FIPS_ENDPOINT: "true",
    TF_CLI_ARGS: "-lock=false",
    OIDC_S3_CONFIG: "/etc/oidc-s3/config.env",
    // Or the SDK's notice to users of Node.js 20 stands in the middle of what `npm start` says.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
  forgetOtherAws(env);
  expect(env).toEqual({
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    PATH: "/bin",
    HOME: "/home/me",
    TF_CLI_CONFIG_FILE: "/user.rc",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
  });
});
