import { quietProviders } from "../../layers/quiet-providers";

it("the provider's SDK and the provider itself log nothing", () => {
  expect(quietProviders({ PATH: "/bin", TF_LOG: "" })).toEqual({
    PATH: "/bin",
    TF_LOG: "",
    TF_LOG_SDK: "OFF",
    TF_LOG_PROVIDER_AWS: "OFF",
  });
});

it.each(["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_AWS", "TF_LOG_SDK_FRAMEWORK"])(
  "whoever asks for a log with %s gets it",
  (name) => {
    const env = { PATH: "/bin", [name]: "TRACE" };
    expect(quietProviders(env)).toEqual(env);
  },
);
