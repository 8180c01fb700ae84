-- Where detached months of the ledger wait for whoever dumps and drops them. Nobody but the owner may even look inside.
create schema platform_archive authorization td_owner;
