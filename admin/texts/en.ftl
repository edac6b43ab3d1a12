# The status page of a node, for the operator.
admin-status-title = Node status
admin-status-issuer = Issuer:
admin-health = Health
admin-health-ok = Everything answers
    .what = This node may receive traffic.
admin-health-bad = A check fails
    .what = Send this node no traffic.
admin-warning-provider-keys = Keys of identity providers that are too old
admin-check-ok = Answers
admin-check-bad = Does not answer:
admin-clients = Services
admin-clients-count = { $count ->
    [one] One registered service
   *[other] { $count } registered services
}
admin-providers = Identity providers
admin-providers-count = { $count ->
    [one] One registered provider
   *[other] { $count } registered providers
}
admin-name = Name
admin-authentication = Authentication
admin-state = State
admin-active = Active
admin-inactive = Disabled
admin-issuer = Issuer
admin-levels = Levels
admin-keys = Signing keys
admin-keys-caption = The next key is published already; the previous one still verifies.
admin-stage = Part
admin-stage-next = Next
admin-stage-current = Signs
admin-stage-previous = Previous
admin-ledger = Audit log
admin-ledger-size = Entries
admin-ledger-checkpointed = Entries under a signed checkpoint
