"""The message queue of a simulated project: Tuya's message service, over a WebSocket.

It behaves as the Pulsar proxy that Tuya runs: one topic with partitions, subscriptions
with a backlog, and redelivery of messages that are not acknowledged. It knows nothing of
any client. ``cloud.queue`` is served with the other endpoints::

    ws://127.0.0.1:<port>/ws/v2/consumer/persistent/{access id}/out/event/{access id}-sub

Its settings and faults::

    queue = cloud.queue
    queue.enabled = False                  # the message service is off: 401
    queue.environments = {"event-test"}    # "event" is not there: 500
    queue.rule_on = False                  # connected, but without messages
    queue.families = ("core", "legacy")    # each report twice, or only ("legacy",)
    queue.cipher = "aes_ecb"               # or "aes_gcm"
    queue.subscriptions = {"sub", "ha"}
    queue.refuse(409)                      # the next handshake; times=None: all
    queue.takes_readers = False            # reader connections are refused
    queue.pongs = False                    # pings are not answered
    queue.idle_seconds = 60                # a silent client is disconnected
    queue.quota = 100                      # messages; no more are sent

Messages, besides those of the locks (`Lock.open`, `Lock.alarm`, …)::

    queue.report("front", {"unlock_card": 3})          # now; time= for the past
    queue.online("front", online=False)
    queue.device("front", "deviceNameUpdate", name="Back door")
    queue.progress("front", totalPeriod=4)
    queue.put("front", {"bizCode": "brandNew"}, protocol=1000)
    queue.garbage("front"); queue.bare(); queue.raw("{")
    queue.cut(); queue.cut(in_frame=True); queue.close(1001)

For assertions: ``queue.sockets``, ``queue.handshakes``, ``queue.delivered``,
``queue.acknowledged``, ``queue.unsubscribed``, ``queue.backlog("sub")``.
"""

from .service import Account, MessageQueue

__all__ = ["Account", "MessageQueue"]
