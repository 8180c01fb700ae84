-- Caps of keys and workflows come and go while the platform runs.
set local role td_owner;

alter table platform.caps add column removed_at timestamptz;
comment on column platform.caps.removed_at is
  'It limits nothing any more. What it covers is still counted, so that it is right at once when somebody brings it back.';

alter table platform.cap_changes drop constraint cap_changes_kind_check,
  add constraint cap_changes_kind_check check (kind in ('raise', 'lower', 'undo', 'override', 'override_removed', 'added', 'removed'));
comment on column platform.cap_changes.new_limit_nanousd is
  'Of a removed cap: what limits its calls from then on, the tenant''s monthly cap. As much it counts against the operator''s limit.';
