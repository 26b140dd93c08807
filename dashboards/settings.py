"""Settings, from the environment (`PILOTAGE_…`) and from nowhere else."""

from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

STORE: Final = "store/network"
DEMO_STORE: Final = "store/demo"


class Settings(BaseSettings):
    """What an operator may set; each has an option of the same name on the command line."""

    model_config = SettingsConfigDict(env_prefix="PILOTAGE_", frozen=True)

    store: str | None = Field(default=None, description="A folder, or ducklake:postgres:<connection string>.")
    data: str | None = Field(default=None, description="Folder of the Parquet files of a store on PostgreSQL.")
    host: str = Field(default="127.0.0.1", description="Address the pages listen on.")
    port: int = Field(default=8501, ge=0, le=65535, description="Port the pages listen on.")
    lang: str = Field(default="fr", pattern="^(fr|en|nl)$", description="Language of the command line.")
