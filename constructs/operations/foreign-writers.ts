import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { Construct } from "constructs";
import type { FoundationConfig } from "../../config/schema/types";
import { literal, reference } from "../terraform-text";

export interface ForeignWritersProps {
  readonly config: FoundationConfig;
  /** Of the tables that decide who reaches what. */
  readonly tableArns: readonly string[];
  readonly topicArn: string;
}

/**
 * Tells the topic of every write to the tables by anybody but the roles that deploy and operate. The events are
 * CloudTrail's, of a trail that logs the tables' data events, and is not made here: such events are billed.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html
 */
export class ForeignWriters extends Construct {
  constructor(scope: Construct, id: string, { config, tableArns, topicArn }: ForeignWritersProps) {
    super(scope, id);
    const rule = "aws_cloudwatch_event_rule.foreign_writers";
    new CloudwatchEventRule(this, rule, {
      name: `${config.projectName}-${config.environment}-table-writer`,
      description: "A write to the tables about clients by none of the roles that deploy and operate",
      eventPattern: JSON.stringify(foreignWrites(tableArns, config.alarmTableWriters.map(literal))),
    });
    new CloudwatchEventTarget(this, "aws_cloudwatch_event_target.foreign_writers", {
      rule: reference(rule, "name"),
      arn: topicArn,
      inputTransformer: {
        inputPaths: {
          who: "$.detail.userIdentity.arn",
          operation: "$.detail.eventName",
          time: "$.time",
          request: "$.detail.requestID",
        },
        inputTemplate: JSON.stringify(
          `${config.projectName} ${config.environment}: <who> made a <operation> to a table about clients at <time> (request <request>). docs/operations.md says what that means.`,
        ),
      },
    });
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
function foreignWrites(tableArns: readonly string[], writers: readonly string[]): object {
  return {
    source: ["aws.dynamodb"],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: {
      readOnly: [false],
      resources: { ARN: tableArns },
      // A pattern asks for every field that it names: who has no role has no issuer of his session.
      $or: [
        { userIdentity: { type: [{ "anything-but": ["AssumedRole"] }] } },
        { userIdentity: { sessionContext: { sessionIssuer: { arn: [{ "anything-but": writers }] } } } },
      ],
    },
  };
}
