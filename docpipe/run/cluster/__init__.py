"""Ray: document workers, engine actors, and a driver that keeps a bounded number of documents in flight.

Plain actors, for the reasons in docs/decisions/. This is the only room that imports ray.
"""

from docpipe.run.cluster.driver import RayPool

__all__ = ["RayPool"]
