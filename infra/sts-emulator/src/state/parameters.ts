/** A parameter of SSM's Parameter Store. */
export type Parameter = {
  name: string;
  value: string;
  type: string;
  description: string;
  version: number;
  changedAt: Date;
};

/** By name, in memory. */
export type Parameters = Map<string, Parameter>;
