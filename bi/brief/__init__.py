"""The nightly page: what the published warehouse says, in words, charts and tables.

`facts.gather` reads, `page.render` and `terminal.show` print; nothing here computes a metric, asks
the time or leaves the machine.
"""
