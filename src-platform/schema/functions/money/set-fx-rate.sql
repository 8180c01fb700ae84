-- Enters the rate of a currency on a day, or another one for a day of this month. A month that is over everywhere keeps the rates it was converted
-- with: one can be entered for it only while it has none, nor an earlier month, so that it was not converted yet.
-- p_expected_version: of that day's rate; null: there is none. p_usd_per_unit: USD for one unit, at most 12 decimals.
--
-- → {"currency","onDate","version","auditId","changedAt"}. TD400 bad input, TD403 not an admin, TD409 somebody else changed it (DETAIL
-- {"currentVersion","currentRate","changedBy","changedAt"}) or the month is converted, TD422 the key was used for another change.
create or replace function platform.set_fx_rate(
  p_currency text, p_on_date date, p_usd_per_unit numeric, p_source text, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.admin_for_money(p_currency is not null and p_on_date is not null and p_usd_per_unit is not null
    and p_source is not null and p_idempotency_key is not null, p_reason);
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'set_fx_rate',
    jsonb_build_array(p_currency, p_on_date, p_usd_per_unit, p_source, p_expected_version, p_reason));
  v_month_end date := (date_trunc('month', p_on_date::timestamp) + interval '1 month' - interval '1 day')::date;
  v_before platform.fx_rates;
  v_at timestamptz;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  if p_currency !~ '^[A-Z]{3}$' then
    raise exception 'A currency is three capital letters, such as INR.' using errcode = 'TD400';
  elsif p_currency = 'USD' then
    raise exception 'One USD is one USD: it needs no rate.' using errcode = 'TD400';
  elsif p_usd_per_unit = 'NaN' or not (p_usd_per_unit > 0 and p_usd_per_unit <= 1000000) or scale(p_usd_per_unit) > 12 then
    raise exception 'A rate is the USD for one unit of the currency: above 0, at most 1,000,000, with at most 12 decimals.' using errcode = 'TD400';
  elsif length(trim(p_source)) not between 1 and 200 then
    raise exception 'A rate names its source, in at most 200 characters.' using errcode = 'TD400';
  elsif not isfinite(p_on_date) or p_on_date not between '2000-01-01' and (now() at time zone 'Etc/GMT-14')::date then
    raise exception 'A rate is of today or a day before.' using errcode = 'TD400';
  end if;
  -- One change of rates at a time: "the month has none" must hold until we are done.
  perform pg_advisory_xact_lock(hashtext('platform.set_fx_rate'));

  select * into v_before from platform.fx_rates f where f.currency = p_currency and f.on_date = p_on_date;
  if v_before.version is distinct from p_expected_version then
    raise exception '%', case when v_before.version is null then 'There is no rate of that day any more. Look at it again.'
        else format('Somebody entered %s USD for that day meanwhile. Look at it again.', v_before.usd_per_unit) end
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_before.version, 'currentRate', v_before.usd_per_unit::text,
        'changedBy', (select o.login from platform.operators o where o.id = v_before.entered_by), 'changedAt', v_before.entered_at)::text;
  elsif v_month_end < (now() at time zone 'Etc/GMT+12')::date
    and exists (select from platform.fx_rates f where f.currency = p_currency and f.on_date <= v_month_end) then
    raise exception '% was converted with the rates known then, and keeps them. Enter a rate of this month.', to_char(p_on_date, 'FMMonth YYYY')
      using errcode = 'TD409';
  end if;

  v_at := greatest(clock_timestamp(), v_before.entered_at);
  insert into platform.fx_rates as f (currency, on_date, usd_per_unit, source, version, entered_at, entered_by)
  values (p_currency, p_on_date, p_usd_per_unit, trim(p_source), 1, v_at, v_me.id)
  on conflict (currency, on_date) do update set usd_per_unit = excluded.usd_per_unit, source = excluded.source, version = f.version + 1,
    entered_at = excluded.entered_at, entered_by = excluded.entered_by;
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_me.id, v_me.login, 'fx.set', 'fx:' || p_currency || ' ' || p_on_date,
    case when v_before.version is not null then jsonb_build_object('usdPerUnit', v_before.usd_per_unit::text, 'source', v_before.source,
      'version', v_before.version) end,
    jsonb_build_object('usdPerUnit', p_usd_per_unit::text, 'source', trim(p_source), 'version', coalesce(v_before.version, 0) + 1), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'contracts', null,
    jsonb_build_object('currency', p_currency, 'onDate', p_on_date, 'version', coalesce(v_before.version, 0) + 1,
      'auditId', v_audit.id, 'changedAt', v_at));
end
$$;

grant execute on function platform.set_fx_rate(text, date, numeric, text, integer, uuid, text) to td_admin;
