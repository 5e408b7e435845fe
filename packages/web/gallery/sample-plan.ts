/** As terraform 1.11 writes it, cut to what the page reads. */
export const samplePlan = {
  format_version: '1.2',
  terraform_version: '1.11.4',
  resource_changes: [
    {
      address: 'aws_eip.old',
      mode: 'managed',
      type: 'aws_eip',
      change: { actions: ['delete'], before: { public_ip: '203.0.113.7', domain: 'vpc', tags: null }, after: null },
      action_reason: 'delete_because_no_resource_config',
    },
    {
      address: 'aws_nat_gateway.this[0]',
      mode: 'managed',
      type: 'aws_nat_gateway',
      change: {
        actions: ['create', 'delete'],
        before: { id: 'nat-0f9e', subnet_id: 'subnet-0aa', connectivity_type: 'public' },
        after: { subnet_id: 'subnet-0bb', connectivity_type: 'public' },
        after_unknown: { id: true },
        replace_paths: [['subnet_id']],
      },
      action_reason: 'replace_because_cannot_update',
    },
    {
      address: 'module.vpc.aws_route.private[0]',
      mode: 'managed',
      type: 'aws_route',
      change: {
        actions: ['update'],
        before: { nat_gateway_id: 'nat-0f9e', tags: { Owner: 'network', 'cost center': '41' } },
        after: { tags: { Owner: 'platform', 'cost center': '41' } },
        after_unknown: { nat_gateway_id: true },
      },
    },
    {
      address: 'aws_db_instance.main',
      mode: 'managed',
      type: 'aws_db_instance',
      change: {
        actions: ['update'],
        before: { password: 'hunter2', allocated_storage: 20 },
        after: { password: 'hunter3', allocated_storage: 40 },
        before_sensitive: { password: true },
        after_sensitive: { password: true },
      },
    },
    ...['a', 'b', 'c'].map((zone) => ({
      address: `module.vpc.aws_subnet.private["eu-west-1${zone}"]`,
      mode: 'managed',
      type: 'aws_subnet',
      change: {
        actions: ['create'],
        before: null,
        after: { cidr_block: `10.0.${zone.charCodeAt(0) - 96}.0/24`, availability_zone: `eu-west-1${zone}` },
        after_unknown: { id: true, arn: true },
      },
    })),
    {
      address: 'data.aws_caller_identity.current',
      mode: 'data',
      type: 'aws_caller_identity',
      change: { actions: ['read'], before: null, after: {} },
    },
  ],
  output_changes: {
    nat_ip: { actions: ['update'], before: '203.0.113.7', after_unknown: true },
    db_url: { actions: ['create'], before: null, after: 'postgres://…', after_sensitive: true },
  },
  resource_drift: [
    {
      address: 'aws_security_group.web',
      mode: 'managed',
      type: 'aws_security_group',
      change: { actions: ['update'], before: { description: 'web' }, after: { description: 'web, by hand' } },
    },
  ],
};
