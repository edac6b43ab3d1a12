//! What the binary asks of the exchange through the hub, now and then.

use guichet_exchange::Alarms;
use guichet_store::Fault;

use crate::hub::Hub;

impl Hub {
    /// Looks for deliveries that both sides did not confirm, and tells them; how many it found.
    pub async fn look_for_unconfirmed(&self) -> Result<usize, Fault> {
        match &self.parts().exchange {
            Some(desk) => desk.look_for_unconfirmed(self.now()).await,
            None => Ok(0),
        }
    }

    /// What an operator should look at.
    pub async fn exchange_alarms(&self) -> Result<Alarms, Fault> {
        match &self.parts().exchange {
            Some(desk) => desk.alarms(self.now()).await,
            None => Ok(Alarms::default()),
        }
    }
}
