import { withThrottle } from "../../../config/rules/foundation";
import { throttleOf } from "../../../config/schema/foundation-keys";
import { environmentConfig } from "../../support/environment";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: AssumeRole, of an account and region. */
const STS_REQUESTS_PER_SECOND = 600;
/** The daemon's seconds between two requests. */
const RENEWAL_SECONDS = 2460;

it.each([
  [0, 50, 100],
  [1, 50, 100],
  [1000, 50, 100],
  [25_000, 50, 100],
  [25_001, 100, 200],
  [100_000, 200, 400],
  [125_000, 250, 500],
  [250_000, 500, 500],
  [1_000_000, 500, 500],
])("%d servers: %d requests a second, %d at once", (servers, rateLimit, burstLimit) => {
  expect(throttleOf(servers)).toEqual({ rateLimit, burstLimit });
});

it("there is a reserve of four times the steady load up to 250,000 servers, and STS's own limit is not reached", () => {
  for (let servers = 1000; servers <= 250_000; servers += 1000) {
    const { rateLimit } = throttleOf(servers);
    expect(rateLimit).toBeGreaterThanOrEqual((4.9 * servers) / RENEWAL_SECONDS);
    expect(rateLimit).toBeLessThan(STS_REQUESTS_PER_SECOND);
  }
});

it("what the file says counts, each key by itself", () => {
  const { apiThrottlingRateLimit: _, apiThrottlingBurstLimit: __, ...written } = environmentConfig().foundation;
  expect(withThrottle({ ...written, apiThrottlingRateLimit: 7 }, 100_000)).toMatchObject({
    apiThrottlingRateLimit: 7,
    apiThrottlingBurstLimit: 400,
  });
  expect(withThrottle({ ...written, apiThrottlingBurstLimit: 9 }, 100_000)).toMatchObject({
    apiThrottlingRateLimit: 200,
    apiThrottlingBurstLimit: 9,
  });
});
