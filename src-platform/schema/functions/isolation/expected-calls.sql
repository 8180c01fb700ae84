-- Which role may call which function, written by hand; held against the catalog by isolation_check(). A function without a line is
-- for the owners (td_definer, td_owner) alone; one that anybody else may call and that has no line is a finding.
create or replace function platform.expected_calls() returns table (function text, roles text)
language sql immutable set search_path = '' as $$ values
  -- gateways
  ('take_grant',             'gateway'),
  ('release_grant',          'gateway'),
  ('ingest',                 'gateway'),
  ('gateway_start',          'gateway'),
  ('gateway_heartbeat',      'gateway'),
  ('operator_of_token',      'gateway'),
  ('refusal_of_token',       'gateway'),
  ('ensure_partitions',      'gateway'),
  ('limit_in_force',         'gateway'),
  -- periods
  ('local_midnight',         'gateway viewer account_manager operator admin auditor'),
  ('period_bounds',          'gateway viewer account_manager operator admin auditor'),
  -- who is asking
  ('whoami',                 'viewer account_manager operator admin auditor'),
  ('my_tenants',             'viewer account_manager operator admin auditor'),
  ('my_operator_id',         'viewer account_manager operator admin auditor'),
  ('sees_all_tenants',       'viewer account_manager operator admin auditor'),
  -- the console
  ('explain_refusal',        'viewer account_manager operator admin auditor'),
  ('set_cap',                'account_manager operator admin'),
  ('undo_cap_change',        'account_manager operator admin'),
  ('add_cap_override',       'operator admin'),
  ('remove_cap_override',    'account_manager operator admin'),
  ('release_orphaned_grant', 'operator admin'),
  ('audit_verify',           'account_manager operator admin auditor'),
  ('record_audit_export',    'account_manager operator admin auditor'),
  ('isolation_check',        'admin auditor'),
  ('isolation_scope',        'admin auditor'),
  ('access_trial',           'admin auditor'),
  ('my_access_trial',        'admin auditor'),
  ('try_access',             'admin auditor'),
  ('try_table',              'admin auditor'),
  ('try_statement',          'admin auditor'),
  ('try_words',              'admin auditor'),
  ('expected_access',        'admin auditor')
$$;
