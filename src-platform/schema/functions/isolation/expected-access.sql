-- Who may do what with each table and view: written by hand from the role table of the design, held against the catalog by
-- isolation_check() and against what really happens by the access matrix. A table or view without a line is a finding.
--
--   -      refused                              own    reads the rows of the tenants they stand for
--   all    reads every row                      own+   reads, adds, changes and deletes those rows
--   self   reads the row of themselves          people reads every row, once the login is an operator
--   a,b    reads these columns of every row
--   definer: what the functions' owner may do with all rows (s select, i insert, u update, d delete)
--
-- A partition has no line: nobody but the owner has any right on it.
create or replace function platform.expected_access() returns table (
  relation text, tenant text, gateway text, viewer text, account_manager text, operator text, admin text, auditor text, definer text
) language sql immutable set search_path = '' as $$ values
  -- usage, caps, board
  ('tenants',            'own',  'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('workflows',          'own',  'all', 'own',  'own',    'own',    'own',         'own',    'si'),
  ('caps',               'own',  'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('cap_periods',        'own',  'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('cap_overrides',      '-',    '-',   'own',  'own',    'own',    'own',         'own',    'siu'),
  ('cap_alerts',         '-',    '-',   'own',  'own',    'own',    'own',         'own',    'siu'),
  ('alerts',             '-',    '-',   'own',  'own',    'own',    'own',         'own',    '-'),
  ('tenant_quotas',      'own',  'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('model_downgrades',   'own',  'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('tenant_models',      'own',  'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('grants',             '-',    'all', 'own',  'own',    'own',    'own',         'own',    'siu'),
  ('usage_records',      'own',  '-',   'own',  'own',    'own',    'own',         'own',    'si'),
  ('usage_15min',        'own',  '-',   'own',  'own',    'own',    'own',         'own',    'siud'),
  ('usage_daily',        'own',  '-',   'own',  'own',    'own',    'own',         'own',    'siud'),
  ('usage_tenant_daily', 'own',  '-',   'own',  'own',    'own',    'own',         'own',    'siud'),
  ('usage_monthly',      'own',  '-',   'own',  'own',    'own',    'own',         'own',    'siud'),
  ('usage_tenant_monthly', 'own', '-', 'own',  'own',    'own',    'own',         'own',    'siud'),
  ('usage_sessions',     'own',  '-',   '-',    '-',      '-',      '-',           '-',      'siu'),
  ('integration_calls',  'own',  '-',   'own',  'own',    'own',    'own',         'own',    'si'),
  ('refusals',           'own',  '-',   'own',  'own',    'own',    'own',         'own',    'si'),
  ('unpriced_models',    '-',    '-',   'own',  'own',    'own',    'own',         'own',    'siu'),
  ('increase_requests',  'own',  'all', '-',    'own',    'own',    'own',         'own',    'siu'),
  ('pending_raises',     '-',    '-',   '-',    'own',    'own',    'own',         'own',    'siu'),
  ('inbox',              '-',    '-',   '-',    'own',    'own',    'own',         'own',    '-'),
  ('board',              '-',    '-',   'own',  'own',    'own',    'own',         'own',    '-'),
  ('board_figures',      '-',    '-',   'own',  'own',    'own',    'own',         'own',    'siu'),
  ('board_now',          '-',    '-',   'own',  'own',    'own',    'own',         'own',    '-'),
  ('unpriced',           '-',    '-',   'own',  'own',    'own',    'own',         'own',    '-'),
  -- tenants' own data: nobody else's
  ('conversations',      'own+', '-',   '-',    '-',      '-',      '-',           '-',      '-'),
  ('messages',           'own+', '-',   '-',    '-',      '-',      '-',           '-',      '-'),
  -- keys: account managers and auditors see them; their digests are the gateways' alone
  ('api_keys',           '-',    'all', '-',    'own',    'own',    'own',         'own',    'siu'),
  ('api_key_secrets',    '-',    'all', '-',    '-',      '-',      '-',           '-',      'siu'),
  -- contracts, margins
  ('contracts',          '-',    '-',   '-',    'own',    'own',    'own',         'own',    'siu'),
  ('fx_rates',           '-',    '-',   '-',    'all',    'all',    'all',         'all',    'siu'),
  -- client reports
  ('brandings',          '-',    '-',   '-',    'own',    'own',    'own',         'own',    'siu'),
  ('workflow_values',    '-',    '-',   '-',    'own',    'own',    'own',         'own',    'siu'),
  -- audit
  ('audit_log',          '-',    '-',   '-',    'own',    'own',    'own',         'own',    'si'),
  ('audit_heads',        '-',    '-',   '-',    'own',    'own',    'own',         'own',    'siu'),
  ('audit_anchors',      '-',    '-',   '-',    '-',      '-',      '-',           '-',      'siu'),
  ('cap_changes',        '-',    '-',   '-',    'own',    'own',    'own',         'own',    'si'),
  ('idempotency_keys',   '-',    '-',   '-',    '-',      '-',      '-',           '-',      'siu'),
  -- people
  ('operators',          '-',    '-',   'self', 'people', 'people', 'people',      'people', 'siu'),
  ('operator_tenants',   '-',    '-',   '-',    '-',      '-',      'own',         'own',    'si'),
  ('operator_tokens',    '-',    '-',   '-',    '-',      '-',      '-',           '-',      'siu'),
  -- the platform's own
  ('plan_quotas',        'all',  'all', 'all',  'all',    'all',    'all',         'all',    's'),
  ('plans',              'all',  'all', 'all',  'all',    'all',    'all',         'all',    's'),
  ('gateways',           '-',    'all', 'all',  'all',    'all',    'all',         'all',    'siu'),
  ('versions',           '-',    'all', 'all',  'all',    'all',    'all',         'all',    'su'),
  ('model_prices',       '-',    'all', 'all',  'all',    'all',    'all',         'all',    'si'),
  ('schema_migrations',  '-',    'all', 'all',  'all',    'all',    'all',         'all',    '-'),
  ('schema_definitions', '-',    'all', 'all',  'all',    'all',    'all',         'all',    '-'),
  ('schema_objects',     '-',    '-',   '-',    '-',      '-',      '-',           '-',      '-'),
  ('providers',          '-',    'all', '-',    '-',      '-',      'id,base_url,rank,speaks,version,disabled_at,updated_at', '-', 'siu')
$$;
