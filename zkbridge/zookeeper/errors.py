"""ZooKeeper's errors by name. Pure."""

from __future__ import annotations

from zkbridge.zookeeper.requests import AUTH_FAILED, NEEDS_SASL, NO_AUTH, NO_NODE, UNIMPLEMENTED

CONNECTION_LOSS, OPERATION_TIMEOUT, BAD_ARGUMENTS = -4, -7, -8
NEW_CONFIG_NO_QUORUM, RECONFIG_IN_PROGRESS, RECONFIG_DISABLED = -13, -14, -123
BAD_VERSION, NO_CHILDREN_FOR_EPHEMERALS, NODE_EXISTS, NOT_EMPTY = -103, -108, -110, -111
SESSION_EXPIRED, INVALID_ACL, SESSION_MOVED, NOT_READ_ONLY = -112, -114, -118, -119
EPHEMERAL_ON_LOCAL_SESSION, REQUEST_TIMEOUT, QUOTA_EXCEEDED, THROTTLED_OP = -120, -122, -125, -127

NAMES: dict[int, str] = {
    -1: "SystemError",
    -2: "RuntimeInconsistency",
    -3: "DataInconsistency",
    CONNECTION_LOSS: "ConnectionLoss",
    -5: "MarshallingError",
    UNIMPLEMENTED: "Unimplemented",
    OPERATION_TIMEOUT: "OperationTimeout",
    BAD_ARGUMENTS: "BadArguments",
    NEW_CONFIG_NO_QUORUM: "NewConfigNoQuorum",
    RECONFIG_IN_PROGRESS: "ReconfigInProgress",
    -100: "APIError",
    NO_NODE: "NoNode",
    NO_AUTH: "NoAuth",
    BAD_VERSION: "BadVersion",
    NO_CHILDREN_FOR_EPHEMERALS: "NoChildrenForEphemerals",
    NODE_EXISTS: "NodeExists",
    NOT_EMPTY: "NotEmpty",
    SESSION_EXPIRED: "SessionExpired",
    -113: "InvalidCallback",
    INVALID_ACL: "InvalidACL",
    AUTH_FAILED: "AuthFailed",
    SESSION_MOVED: "SessionMoved",
    NOT_READ_ONLY: "NotReadOnly",
    EPHEMERAL_ON_LOCAL_SESSION: "EphemeralOnLocalSession",
    REQUEST_TIMEOUT: "RequestTimeout",
    RECONFIG_DISABLED: "ReconfigDisabled",
    NEEDS_SASL: "SessionClosedRequireSaslAuth",
    QUOTA_EXCEEDED: "QuotaExceeded",
    THROTTLED_OP: "ThrottledOp",
}
"""As ZooKeeper's `KeeperException.Code` has them."""


def name_of(error: int) -> str:
    return f"{NAMES[error]} ({error})" if error in NAMES else str(error)
