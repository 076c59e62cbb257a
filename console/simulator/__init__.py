"""The embedded Azure: a pure state machine that speaks ARM as recorded, with thin shells around it.

Only the command line and the tests import this package; all others reach it through the SDKs, as they would Azure.
"""
