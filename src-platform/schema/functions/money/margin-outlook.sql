-- The margin of one tenant's running calendar month, for who decides about its cap: to date, forecast, and with its monthly cap raised by
-- p_extra_cap_nanousd and used up. Null when the tenant has no contract now, or is none of the caller's.
--
-- → {"month","currency","minorDigits","revenueMinor" (forecast, the whole month),"retainerMinor","aiCostToDateNanoUsd","aiCostForecastNanoUsd",
--    "aiCostAfterNanoUsd","aiCostToDateMinor","aiCostForecastMinor","otherCostMinor","toDateBp","forecastBp","forecastLowBp","forecastHighBp",
--    "afterApprovalBp","targetBp","capBounds","fxRate" (text, USD for one unit),"fxDate","fxSource","asOf"}
-- forecast*Bp without, afterApprovalBp with the extra amount. Basis points and amounts are null where no rate or no revenue is known; afterApproval
-- without a hard monthly cap; the range for a tenant too young to have one. TD400 the amount is none.
create or replace function platform.margin_outlook(p_tenant uuid, p_extra_cap_nanousd bigint) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_now record;
  v_after record;
begin
  if p_tenant is null or p_extra_cap_nanousd is null or p_extra_cap_nanousd not between 0 and 9000000000000000 then
    raise exception 'An outlook names its tenant and an amount from 0 to 9,000,000 USD.' using errcode = 'TD400';
  end if;
  select * into v_now from platform.margin_now(now(), array[p_tenant]);
  if (v_now.contract).id is null then
    return null;
  end if;
  select * into v_after from platform.margin_now(now(), array[p_tenant], p_extra_cap_nanousd);
  return jsonb_build_object('month', v_now.month, 'currency', (v_now.contract).currency, 'minorDigits', v_now.minor_digits,
    'revenueMinor', v_now.forecast_revenue_minor, 'retainerMinor', v_now.forecast_retainer_minor,
    'aiCostToDateNanoUsd', v_now.spent_nanousd, 'aiCostForecastNanoUsd', v_now.forecast_nanousd, 'aiCostAfterNanoUsd', v_after.after_nanousd,
    'aiCostToDateMinor', v_now.to_date_ai_cost_minor, 'aiCostForecastMinor', v_now.forecast_ai_cost_minor,
    'otherCostMinor', v_now.forecast_other_cost_minor, 'toDateBp', v_now.to_date_margin_bp, 'forecastBp', v_now.forecast_margin_bp)
    || jsonb_build_object('forecastLowBp', v_now.margin_low_bp, 'forecastHighBp', v_now.margin_high_bp,
    'afterApprovalBp', v_after.after_margin_bp, 'targetBp', (v_now.contract).target_margin_bp, 'capBounds', v_now.cap_bounds,
    'fxRate', v_now.usd_per_unit::text, 'fxDate', v_now.fx_date, 'fxSource', v_now.fx_source, 'asOf', now());
end
$$;

grant execute on function platform.margin_outlook(uuid, bigint) to td_account_manager, td_operator, td_admin, td_auditor;
