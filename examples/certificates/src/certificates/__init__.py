"""Certificates, a Toru plugin: TLS certificates of this server and of named hosts, and how long they last."""
