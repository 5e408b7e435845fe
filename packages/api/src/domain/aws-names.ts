/** The account in an ARN; undefined in what is none, such as the serial number of a hardware device. */
export function accountOf(arn: string): string | undefined {
  return /^arn:[^:]+:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];
}

/** An ARN as it is shown: the account's number is masked but for its last four digits. */
export function maskedArn(arn: string): string {
  return arn.replace(/:\d{8}(\d{4}):/, ':********$1:');
}
